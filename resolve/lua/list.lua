-- Tells what the open project holds: every item of the media pool, and every timeline with the
-- items that it uses.

local project = open()
if project == nil then
	return
end

-- What is asked of a pool item, under the names that Resolve has for it.
local wanted = {
	{ "path", "File Path" },
	{ "file", "File Name" },
	{ "clip", "Clip Name" },
	{ "start", "Start TC" },
	{ "fps", "FPS" },
	{ "frames", "Frames" },
	{ "drop", "Drop frame" },
	{ "resolution", "Resolution" },
	{ "level", "Data Level" },
	{ "hflip", "H-FLIP" },
	{ "vflip", "V-FLIP" },
	{ "proxy", "Proxy" },
	{ "proxypath", "Proxy Media Path" },
	{ "type", "Type" },
	{ "reel", "Reel Name" },
}

local told = {} -- ids and paths of items that were told

local function tell(item, bin)
	local media, id = ids(item)
	local fields = { { "name", call(item, "GetName") }, { "bin", bin }, { "media", media }, { "id", id } }
	local all = call(item, "GetClipProperty")
	for _, want in ipairs(wanted) do
		local value
		if type(all) == "table" then
			value = all[want[2]]
		else
			value = property(item, want[2])
		end
		if type(value) ~= "table" then
			fields[#fields + 1] = { want[1], value }
			if want[1] == "path" and value ~= nil and value ~= "" then
				told["path " .. text(value)] = true
			end
		end
	end
	if media then
		told["media " .. media] = true
	end
	if id then
		told["id " .. id] = true
	end
	say("item", fields)
end

walk(project, tell)

-- setting is a timeline's; where it has none of its own, the project's.
local function setting(timeline, key)
	local value = call(timeline, "GetSetting", key)
	if value == nil or value == "" or type(value) == "table" then
		value = call(project, "GetSetting", key)
	end
	if type(value) == "table" then
		return nil
	end
	return value
end

local current = call(project, "GetCurrentTimeline")
local currentID, currentName = known(call(current, "GetUniqueId")), call(current, "GetName")

local function active(timeline)
	if not current then
		return false
	end
	if currentID then
		return known(call(timeline, "GetUniqueId")) == currentID
	end
	return call(timeline, "GetName") == currentName
end

-- yes is what a newer method says; what an older version does not know is on.
local function yes(object, method, ...)
	return call(object, method, ...) ~= false
end

-- uses tells the items of one kind of track, each once for each way that it is used.
local function uses(timeline, index, kind)
	local order, counts, blank = {}, {}, 0
	for track = 1, tonumber(call(timeline, "GetTrackCount", kind) or 0) or 0 do
		local on = yes(timeline, "GetIsTrackEnabled", kind, track)
		local items = first(timeline, { "GetItemListInTrack", "GetItemsInTrack" }, kind, track)
		for i = 1, length(items) do
			local item = items[i]
			local pooled = item and call(item, "GetMediaPoolItem")
			if pooled then
				local media, id = ids(pooled)
				local path
				if not media and not id then
					path = property(pooled, "File Path")
				end
				if not ((id and told["id " .. id]) or (media and told["media " .. media]) or (path and told["path " .. text(path)])) then
					tell(pooled)
				end
				local enabled = on and yes(item, "GetClipEnabled")
				local key = table.concat({ media or "", id or "", text(path or ""), tostring(enabled) }, "\n")
				if not counts[key] then
					counts[key] = 0
					order[#order + 1] = { key, media, id, path, enabled }
				end
				counts[key] = counts[key] + 1
			elseif item then
				blank = blank + 1
			end
		end
	end
	for _, use in ipairs(order) do
		say("use", {
			{ "timeline", index }, { "kind", kind }, { "media", use[2] }, { "id", use[3] }, { "path", use[4] },
			{ "enabled", use[5] }, { "count", counts[use[1]] },
		})
	end
	if blank > 0 then
		say("blank", { { "timeline", index }, { "kind", kind }, { "count", blank } })
	end
end

for index = 1, tonumber(call(project, "GetTimelineCount") or 0) or 0 do
	local timeline = call(project, "GetTimelineByIndex", index)
	if not timeline then
		note("timeline " .. index .. " cannot be read")
	else
		local media, id = ids(call(timeline, "GetMediaPoolItem"))
		say("timeline", {
			{ "index", index }, { "name", call(timeline, "GetName") }, { "id", known(call(timeline, "GetUniqueId")) },
			{ "poolmedia", media }, { "poolid", id },
			{ "fps", setting(timeline, "timelineFrameRate") }, { "drop", setting(timeline, "timelineDropFrameTimecode") },
			{ "first", call(timeline, "GetStartFrame") }, { "last", call(timeline, "GetEndFrame") },
			{ "start", call(timeline, "GetStartTimecode") }, { "active", active(timeline) },
		})
		uses(timeline, index, "video")
		uses(timeline, index, "audio")
	end
end

finish()
