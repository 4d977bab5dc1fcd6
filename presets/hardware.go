package presets

import (
	"maps"
	"slices"
)

// Encoders in hardware, as other ways to make what a family's software encoder makes. They are
// told apart by what they take as far as it is documented: most developers can try none of them. A worker
// that has the encoder but not the machine for it finds out when it tries it, and takes the
// next one.

// Their own names for the samples of which presets speak.
var (
	planar   = map[string]string{"yuv420p10le": "p010le"}
	packed   = map[string]string{"yuv420p": "nv12", "yuv420p10le": "p010le"}
	proresVT = map[string]string{"yuv422p10le": "p210le", "yuv444p10le": "p416le", "yuva444p10le": "ayuv64le"}

	h264Hardware = []profile{{"baseline", nil, []string{"yuv420p"}}, {"main", nil, []string{"yuv420p"}}, {"high", nil, []string{"yuv420p"}}}
	hevcHardware = []profile{{"main", nil, []string{"yuv420p"}}, {"main10", nil, []string{"yuv420p10le"}}}
)

// hardware makes an encoder of one maker for a family.
func hardware(family, maker string) codec {
	c := codec{
		encoder: family + "_" + maker, label: family + "_" + maker, names: []string{family + "_" + maker},
		hardware: true, bitrate: true, crf: 22, crfMax: 51, pixAs: packed,
		rateWhy: family + "_" + maker + " takes crf or bitrate",
	}
	if family == "h264" {
		c.family, c.profiles, c.pixFmts = "H.264", h264Hardware, []string{"yuv420p"}
	} else {
		c.family, c.profiles, c.pixFmts = "HEVC", hevcHardware, []string{"yuv420p", "yuv420p10le"}
	}
	switch maker {
	case "nvenc":
		c.pixAs = planar
		c.speeds = []string{"p1", "p2", "p3", "p4", "p5", "p6", "p7", "slow", "medium", "fast"}
	case "qsv":
		c.speeds = []string{"veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"}
	case "videotoolbox":
		c.pixAs, c.qscale, c.qscaleMax, c.crfAs = planar, 64, 100, videotoolboxQuality
		c.rateWhy = family + "_" + maker + " takes crf, qscale or bitrate"
	}
	return c
}

// videotoolboxQuality turns a rate factor into videotoolbox's quality, which runs from 1 to 100
// and up: 22 is 64, 18 is 72, two for each step. It holds on Apple's own chips; on a Mac of
// before, the encoder takes a bitrate only and refuses, so that the next one is tried.
func videotoolboxQuality(crf int) int { return min(100, max(1, 108-2*crf)) }

func init() {
	codecs = append(codecs, codec{
		encoder: "prores_videotoolbox", label: "prores_videotoolbox", family: "ProRes", names: []string{"prores_videotoolbox"},
		profiles: append(slices.Clone(proresProfiles[:5]), profile{"xq", []string{"4444xq", "5"}, proresProfiles[5].pixFmts}),
		pixAs:    maps.Clone(proresVT), hardware: true, intra: true, noMP4: true, rateWhy: proresRate,
	})
	for _, maker := range []string{"videotoolbox", "nvenc", "qsv", "amf"} {
		codecs = append(codecs, hardware("h264", maker), hardware("hevc", maker))
	}
	for i := range codecs {
		if codecs[i].family == "" {
			codecs[i].family = codecs[i].label
		}
	}
}

// software is the family's encoder that is on every machine.
func (c *codec) software() *codec {
	for i := range codecs {
		if codecs[i].family == c.family && !codecs[i].hardware {
			return &codecs[i]
		}
	}
	return c
}
