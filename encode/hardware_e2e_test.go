//go:build e2e

package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// From release 8 on ffmpeg decodes FFV1 and ProRes on Vulkan, which Mesa has for processors too: of FFV1 the
// pictures are those of the decoder in software, of ProRes they are not. Either way the parts have to be.
// Where there is no such driver, or an older ffmpeg, all is done in software.
func TestPartsOfVulkanAreThoseOfSoftware(t *testing.T) {
	for _, c := range []struct{ codec, warn string }{
		{"ffv1", ""},
		{"prores_ks", "decoding in hardware (vulkan) gives other pictures than in software on this machine"},
	} {
		src := filepath.Join(t.TempDir(), "a.mov")
		ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -pix_fmt yuv422p10le -c:v "+c.codec, src)
		j, _ := newJob(t, src, recipe("dnxhr"), time.Second)
		hard := j.Recipe
		hard.HWAccel = "vulkan"
		tl := &Tools{ffmpeg: tools(t).ffmpeg, ffprobe: tools(t).ffprobe, StallAfter: tools(t).StallAfter}
		for _, u := range j.Plan.VideoUnits() {
			got := encodeUnit(t, tl, j.With(hard), u)
			if want := encodeUnit(t, tl, j, u); got.Video.Digest != want.Video.Digest {
				t.Errorf("%s, unit %s: another part than in software", c.codec, u.ID)
			}
			warned := strings.Join(got.Warnings, "; ")
			t.Logf("%s, unit %s: %s", c.codec, u.ID, warned)
			if os.Getenv("VK_DRIVER_FILES") != "" && (!strings.Contains(warned, c.warn) || (warned == "") != (c.warn == "")) {
				t.Errorf("%s, unit %s: warned %q", c.codec, u.ID, warned)
			}
		}
	}
}
