//go:build e2e

package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// From release 8 on ffmpeg decodes FFV1 and ProRes on Vulkan, which Mesa has for processors too. Of FFV1 the
// pictures are those of the decoder in software, of ProRes they are not, and interlaced ones lose their mark. Either way
// the parts have to be. Where there is no such driver, or an older ffmpeg, all is done in software.
func TestPartsOfVulkanAreThoseOfSoftware(t *testing.T) {
	const other = "decoding in hardware (vulkan) gives other pictures than in software on this machine"
	for _, c := range []struct{ name, how, warn string }{
		{"progressive FFV1", "-pix_fmt yuv422p10le -c:v ffv1 -level 3", ""},
		{"interlaced FFV1", "-vf tinterlace=interleave_top,fieldorder=tff -pix_fmt yuv420p -c:v ffv1 -flags +ildct -level 3", other},
		{"ProRes", "-pix_fmt yuv422p10le -c:v prores_ks", other},
	} {
		src := filepath.Join(t.TempDir(), "a.mov")
		ff(t, "-f lavfi -i testsrc2=size=640x360:rate=50:duration=3 "+c.how, src)
		r := recipe("dnxhr")
		r.Video.MaxHeight = 180
		j, _ := newJob(t, src, r, time.Second)
		r.HWAccel = "vulkan"
		tl := &Tools{ffmpeg: tools(t).ffmpeg, ffprobe: tools(t).ffprobe, StallAfter: tools(t).StallAfter}
		for _, u := range j.Plan.VideoUnits() {
			got := encodeUnit(t, tl, j.With(r), u)
			if want := encodeUnit(t, tl, j, u); got.Video.Digest != want.Video.Digest {
				t.Errorf("%s, unit %s: another part than in software", c.name, u.ID)
			}
			warned := strings.Join(got.Warnings, "; ")
			t.Logf("%s, unit %s: %s", c.name, u.ID, warned)
			if os.Getenv("VK_DRIVER_FILES") != "" && (!strings.Contains(warned, c.warn) || (warned == "") != (c.warn == "")) {
				t.Errorf("%s, unit %s: warned %q", c.name, u.ID, warned)
			}
		}
		v, known := tl.proofs.of[proofOf{j.ID, "vulkan"}]
		if os.Getenv("VK_DRIVER_FILES") != "" && (!known || v.trust.ok != (c.warn == "")) {
			t.Errorf("%s: trusted %v", c.name, v)
		}
	}
}
