-- A stand-in for Resolve's scripting interface, as Blackmagic's documents and what people report
-- describe it, with its oddities:
--
--   lists carry a further key __flags; pool items are nil for titles; objects differ each time
--   they are asked for; older versions lack methods; words come in the language of the windows;
--   LinkProxyMedia says false and no reason, and says it to everything while a window is open;
--   the program ends with status 0 whatever happens.
--
-- A world is a Lua file that returns a table; see worlds in the tests. What was linked is kept in
-- the file that PROXIMA_FAKE_STATE names, so that the next run finds it.

local options, script = {}, nil
for i = 1, #arg do
	if script then
		options[#options + 1] = arg[i]
	elseif arg[i] == "-l" or arg[i] == "-q" or arg[i] == "lua" then
		-- as fuscript -q -l lua FILE ...
	else
		script = arg[i]
	end
end

local worldFile = os.getenv("PROXIMA_FAKE_WORLD")
local world = worldFile and worldFile ~= "" and dofile(worldFile) or {}
local stateFile = os.getenv("PROXIMA_FAKE_STATE")

local function list(t)
	t.__flags = 256
	return t
end

-- object makes something that answers methods, and nothing else; old versions know fewer.
local new = {
	GetUniqueId = true, GetItemListInTrack = true, GetClipList = true, GetSubFolderList = true,
	GetIsTrackEnabled = true, GetClipEnabled = true, GetStartTimecode = true,
}
local function object(methods)
	return setmetatable({}, { __index = function(_, name)
		if world.old and new[name] then
			return nil
		end
		return methods[name]
	end })
end

local clips = world.clips or {}

if stateFile then
	local f = io.open(stateFile, "rb")
	if f then
		for line in f:lines() do
			local key, path = line:match("^([^\t]*)\t(.*)$")
			if clips[key] then
				clips[key].props["Proxy"], clips[key].props["Proxy Media Path"] = "1280x720", path
			end
		end
		f:close()
	end
end

local function absolute(path)
	return path:match("^/") or path:match("^%a:[\\/]") or path:match("^\\\\")
end

-- ask runs ffprobe on a file and returns what it prints in lines.
local function ask(path, entries)
	local quoted = "'" .. path:gsub("'", "'\\''") .. "'"
	local p = io.popen("ffprobe -v error -count_packets -select_streams v:0 -show_entries " .. entries .. " -of default=nw=1 " .. quoted .. " 2>/dev/null")
	local out = p:read("*a")
	p:close()
	return out
end

-- suits is what Resolve compares, as far as it is known: frames, rate and start timecode.
local function suits(clip, path)
	if not clip.facts then
		return true
	end
	local out = ask(path, "stream=nb_read_packets,r_frame_rate:stream_tags=timecode:format_tags=timecode")
	local timecode = out:match("timecode=([%d:;]+)")
	return out:match("nb_read_packets=(%d+)") == tostring(clip.facts.frames)
		and out:match("r_frame_rate=([%d/]+)") == clip.facts.rate
		and timecode == clip.facts.timecode
end

local function poolItem(key)
	local clip = clips[key]
	if not clip then
		return nil
	end
	return object({
		GetName = function() return clip.name or clip.props["Clip Name"] or key end,
		GetMediaId = function() return clip.media end,
		GetUniqueId = function() return clip.id end,
		GetClipProperty = function(_, name)
			if clip.hang then
				os.execute("sleep 600")
			end
			if name then
				return clip.props[name] or ""
			end
			return list(setmetatable({}, { __index = clip.props }))
		end,
		LinkProxyMedia = function(_, path)
			if clip.hanglink then
				os.execute("sleep 600")
			end
			if clip.raises then
				error(clip.raises)
			end
			if world.modal or not absolute(path) then
				return false
			end
			local f = io.open(path, "rb")
			if not f then
				return false
			end
			f:close()
			if clip.refuses or not suits(clip, path) then
				return false
			end
			clip.props["Proxy"], clip.props["Proxy Media Path"] = "1280x720", path
			if stateFile then
				local s = assert(io.open(stateFile, "ab"))
				s:write(key, "\t", path, "\n")
				s:close()
			end
			return true
		end,
	})
end

local function folder(bin)
	local function items()
		local out = {}
		for i, key in ipairs(bin.clips or {}) do
			out[i] = poolItem(key)
		end
		return list(out)
	end
	local function below()
		local out = {}
		for i, b in ipairs(bin.bins or {}) do
			out[i] = folder(b)
		end
		if bin.loop then
			out[#out + 1] = folder(bin)
		end
		return list(out)
	end
	return object({
		GetName = function() return bin.name end,
		GetUniqueId = function() return bin.id end,
		GetClipList = items, GetClips = items,
		GetSubFolderList = below, GetSubFolders = below,
	})
end

local function timelineItem(it)
	return object({
		GetName = function() return it.name or "item" end,
		GetMediaPoolItem = function() return it.clip and poolItem(it.clip) or nil end,
		GetClipEnabled = function() return it.enabled ~= false end,
	})
end

local function timeline(t)
	local function items(_, kind, track)
		local out = {}
		for i, it in ipairs((t[kind] or {})[track].items) do
			out[i] = timelineItem(it)
		end
		return list(out)
	end
	return object({
		GetName = function() return t.name end,
		GetUniqueId = function() return t.id end,
		GetMediaPoolItem = t.pool and function() return poolItem(t.pool) end or nil,
		GetSetting = function(_, key)
			return ({ timelineFrameRate = t.fps, timelineDropFrameTimecode = t.drop })[key] or ""
		end,
		GetStartFrame = function() return t.first end,
		GetEndFrame = function() return t.last end,
		GetStartTimecode = function() return t.start end,
		GetTrackCount = function(_, kind) return #(t[kind] or {}) end,
		GetIsTrackEnabled = function(_, kind, track) return t[kind][track].enabled ~= false end,
		GetItemListInTrack = items, GetItemsInTrack = items,
	})
end

local timelines = world.timelines or {}
local project = object({
	GetName = function() return world.name end,
	GetUniqueId = function() return world.id end,
	GetTimelineCount = function() return #timelines end,
	GetTimelineByIndex = function(_, i) return timelines[i] and timeline(timelines[i]) end,
	GetCurrentTimeline = function() return world.current and timeline(timelines[world.current]) or nil end,
	GetMediaPool = function()
		return object({ GetRootFolder = function() return folder(world.bins or {}) end })
	end,
	GetSetting = function(_, key)
		return ({ timelineFrameRate = world.fps, timelineDropFrameTimecode = world.drop })[key] or ""
	end,
})

local app = object({
	GetProductName = function() return world.product or "DaVinci Resolve Studio" end,
	GetVersionString = function() return world.version or "19.1.3.7" end,
	GetProjectManager = function()
		if world.shut then
			return nil
		end
		return object({ GetCurrentProject = function() return world.name and project or nil end })
	end,
})

if worldFile and worldFile ~= "" and not world.absent then
	if world.way == "global" then
		resolve = app
	elseif world.way == "bmd" then
		bmd = { scriptapp = function(name) return name == "Resolve" and app or nil end }
	else
		Resolve = function() return app end
	end
else
	Resolve = function() return nil end -- as it is without a running Resolve
end

if world.noise then
	io.write(world.noise)
end
if world.cut then -- the program dies after so many lines
	local write, lines = io.write, 0
	io.write = function(...)
		write(...)
		lines = lines + 1
		if lines >= world.cut then
			io.flush()
			os.exit(0)
		end
	end
end

arg = options
arg[0] = script
local ok, why = pcall(dofile, script)
if not ok then
	io.stderr:write(tostring(why), "\n")
end
os.exit(0)
