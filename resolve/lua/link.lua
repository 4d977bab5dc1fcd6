-- Links proxies to items of the media pool. What to link comes in a file, one request a line:
-- index, id of the media, id of the item, path of the proxy, separated by tabs; the first line
-- names the project. Objects do not outlive the script that got them, so items are found again
-- by their ids: that of the item, and where this version has none, that of the medium, which is
-- then linked wherever it lies.

local project = open()
if project == nil then
	return
end

local function unescape(s)
	return (s:gsub("\\x(%x%x)", function(hex)
		return string.char(tonumber(hex, 16))
	end))
end

local function split(line)
	local fields = {}
	for field in (line .. "\t"):gmatch("([^\t]*)\t") do
		fields[#fields + 1] = unescape(field)
	end
	return fields
end

local function read(path)
	local file, why = io.open(path or "", "rb")
	if not file then
		return nil, why
	end
	local lines = {}
	for line in file:lines() do
		lines[#lines + 1] = split((line:gsub("\r$", "")))
	end
	file:close()
	if #lines < 2 or lines[1][1] ~= "project" or lines[#lines][1] ~= "end" then
		return nil, "the file of requests is not whole"
	end
	return lines
end

local requests, why = read(arg and arg[1])
if not requests then
	fail("norequest", why)
	return
end

-- The project that was listed has to be the one that is open now.
local name, id = requests[1][2], requests[1][3]
local openID = known(call(project, "GetUniqueId"))
if id ~= "" and openID then
	if id ~= openID then
		fail("otherproject", call(project, "GetName"))
		return
	end
elseif name ~= text(call(project, "GetName") or "") then
	fail("otherproject", call(project, "GetName"))
	return
end

local byMedia, byID = {}, {}
for i = 2, #requests - 1 do
	local request = { index = requests[i][1], path = requests[i][4] }
	if requests[i][3] ~= "" then
		byID[requests[i][3]] = request
	elseif requests[i][2] ~= "" then
		byMedia[requests[i][2]] = request
	end
end

walk(project, function(item, bin)
	local media, own = ids(item)
	local request = (own and byID[own]) or (media and byMedia[media])
	if not request then
		return
	end
	-- Said before the call as well: one that hangs is then the one that is named.
	say("try", { { "index", request.index }, { "name", call(item, "GetName") } })
	local ok, err = call(item, "LinkProxyMedia", request.path)
	say("linked", {
		{ "index", request.index }, { "name", call(item, "GetName") }, { "bin", bin }, { "media", media }, { "id", own },
		{ "ok", ok == true }, { "why", err },
		{ "proxy", property(item, "Proxy") }, { "proxypath", property(item, "Proxy Media Path") },
	})
end)

finish()
