return {
	-- A film in Resolve with English windows: bins, a bin that holds itself, two items of one
	-- medium, flips each of its own, proxies in all states, a title, a compound, a nested timeline.
	name = "Film \\ 1", id = "p-1", fps = "25", drop = "0", current = 2,
	bins = { name = "Master", id = "f-0", clips = { "cut", "trailer" }, bins = {
		{ name = "Day\t1", id = "f-1", clips = { "a", "again", "b" }, loop = true },
		{ name = "Day 2", id = "f-2", clips = { "c", "still", "compound" } },
	} },
	clips = {
		a = { media = "m-a", id = "i-a", props = {
			["File Path"] = "/media/A001.mov", ["Clip Name"] = "A001.mov", ["Start TC"] = "10:00:00:00", ["FPS"] = 23.976,
			["Frames"] = "240", ["Drop frame"] = "0", ["Resolution"] = "1920x1080", ["Data Level"] = "Full", ["H-FLIP"] = "On",
			["V-FLIP"] = "Off", ["Proxy"] = "None", ["Proxy Media Path"] = "", ["Type"] = "Video + Audio", ["Reel Name"] = "A001",
		} },
		again = { media = "m-a", id = "i-a2", props = {
			["File Path"] = "/media/A001.mov", ["Clip Name"] = "A001 again", ["FPS"] = 23.976, ["Frames"] = "240",
			["Data Level"] = "Auto", ["H-FLIP"] = "Off", ["V-FLIP"] = "Off", ["Proxy"] = "None",
		} },
		b = { media = "m-b", id = "i-b", props = {
			["File Path"] = "/media/new\nline.mov", ["FPS"] = 59.94, ["Drop frame"] = "1", ["Frames"] = "600",
			["Data Level"] = "Video", ["H-FLIP"] = "Off", ["V-FLIP"] = "On", ["Proxy"] = "1280x720",
			["Proxy Media Path"] = "/media/Proxy/new\nline.mov",
		} },
		c = { media = "m-c", id = "i-c", props = {
			["File Path"] = "/media/C003.mov", ["FPS"] = 25, ["Frames"] = "50", ["Data Level"] = "Auto", ["H-FLIP"] = "Off",
			["V-FLIP"] = "Off", ["Proxy"] = "Offline", ["Proxy Media Path"] = "/Volumes/away/C003.mov",
		} },
		still = { media = "m-s", id = "i-s", props = { ["File Path"] = "/media/logo.png", ["Type"] = "Still", ["Frames"] = "1" } },
		compound = { media = "m-k", id = "i-k", props = { ["Type"] = "Compound", ["Clip Name"] = "Compound Clip 1" } },
		cut = { media = "m-t1", id = "i-t1", props = { ["Type"] = "Timeline", ["Clip Name"] = "Cut" } },
		trailer = { media = "m-t2", id = "i-t2", props = { ["Type"] = "Timeline", ["Clip Name"] = "Trailer" } },
	},
	timelines = {
		{
			name = "Cut", id = "t-1", pool = "cut", fps = "23.976", drop = "0", first = 86400, last = 86640, start = "01:00:00:00",
			video = {
				{ items = { { clip = "a" }, { clip = "a" }, { name = "Title" }, { clip = "compound" } } },
				{ enabled = false, items = { { clip = "b" } } },
			},
			audio = { { items = { { clip = "a" }, { clip = "c" } } } },
		},
		{
			name = "Trailer", id = "t-2", pool = "trailer", fps = "29.97 DF", drop = "1", first = 107892, last = 108000, start = "01:00:00;00",
			video = { { items = { { clip = "cut" }, { clip = "c", enabled = false }, { clip = "still" } } } },
		},
	},
}
