-- What both scripts begin with. They run in Resolve's own fuscript: LuaJIT, the language of
-- Lua 5.1, without a JSON library. They print one record a line, "proxima<TAB>kind<TAB>key=value
-- ...", and last how many there were, so that an answer which was cut off is noticed. fuscript
-- itself ends with status 0 whatever happens.

local records = 0

-- text writes numbers as people do: 86400, not 86400.0 or 8.64e+04.
local function text(value)
	if type(value) == "number" and value == math.floor(value) and math.abs(value) < 1e15 then
		return string.format("%.0f", value)
	end
	return tostring(value)
end

local function escape(value)
	return (text(value):gsub("[%c\\]", function(c)
		return string.format("\\x%02x", c:byte())
	end))
end

-- say prints a record. fields are pairs of key and value; what is nil is left out.
local function say(kind, fields)
	local line = { "proxima", kind }
	for _, field in ipairs(fields or {}) do
		if field[2] ~= nil then
			line[#line + 1] = field[1] .. "=" .. escape(field[2])
		end
	end
	records = records + 1
	io.write(table.concat(line, "\t"), "\n")
	io.flush()
end

local function finish()
	local n = records
	say("end", { { "count", n } })
end

local function note(words)
	say("note", { { "text", words } })
end

-- call calls a method that this version of Resolve may not have, or that fails: then it is nil,
-- and why.
local function call(object, method, ...)
	if object == nil or object == false then
		return nil, "no object"
	end
	local found, f = pcall(function()
		return object[method]
	end)
	if not found or f == nil then
		return nil, "this version of Resolve has no " .. method
	end
	local ok, result = pcall(f, object, ...)
	if not ok then
		return nil, tostring(result)
	end
	return result
end

-- first calls one method after the other until one gives something.
local function first(object, methods, ...)
	for _, method in ipairs(methods) do
		local result = call(object, method, ...)
		if result ~= nil then
			return result
		end
	end
	return nil
end

-- list is a list's length. Lists may carry a further key __flags, so pairs() is no way to go
-- through one; and a list that is none at all has none.
local function length(list)
	if type(list) ~= "table" then
		return 0
	end
	return #list
end

-- known is an id, or nil where there is none: some versions give empty ones.
local function known(id)
	if id == nil or id == "" or id == false then
		return nil
	end
	return text(id)
end

-- connect finds the running Resolve; nil where none answers.
local function connect()
	local ways = {
		function() return resolve end,
		function() return Resolve() end,
		function() return bmd.scriptapp("Resolve") end,
	}
	for _, way in ipairs(ways) do
		local ok, app = pcall(way)
		if ok and app ~= nil and app ~= false then
			return app
		end
	end
	return nil
end

-- fail ends the answer with a reason that the reader knows.
local function fail(code, why)
	say("state", { { "code", code }, { "why", why } })
	finish()
	return nil
end

-- open gives the project that is open, or nil once it has said why there is none.
local function open()
	io.write("\n") -- whatever fuscript prints of its own does not share a line with us
	say("begin", { { "format", 1 } })
	local app = connect()
	if app == nil then
		return fail("noresolve")
	end
	say("app", { { "product", call(app, "GetProductName") }, { "version", call(app, "GetVersionString") } })
	local manager, why = call(app, "GetProjectManager")
	if not manager then
		return fail("nomanager", why)
	end
	local project = call(manager, "GetCurrentProject")
	if not project then
		return fail("noproject")
	end
	say("project", { { "name", call(project, "GetName") }, { "id", known(call(project, "GetUniqueId")) } })
	return project
end

-- Bounds on bins: a bin that holds itself must not keep us.
local deepest, most = 64, 20000

-- walk visits every item of the media pool, with the bin that it lies in.
local function walk(project, visit)
	local pool = call(project, "GetMediaPool")
	local root = call(pool, "GetRootFolder")
	if not root then
		note("the media pool cannot be read")
		return
	end
	local seen, bins = {}, 0
	local function bin(folder, path, depth)
		local id = known(call(folder, "GetUniqueId"))
		if seen[folder] or (id and seen[id]) then
			return
		end
		seen[folder] = true
		if id then
			seen[id] = true
		end
		bins = bins + 1
		if depth > deepest or bins > most then
			if bins <= most + 1 then
				note("bins nest too deeply, or are too many: not all were read")
			end
			return
		end
		local items = first(folder, { "GetClipList", "GetClips" })
		for i = 1, length(items) do
			if items[i] then
				visit(items[i], path)
			end
		end
		local below = first(folder, { "GetSubFolderList", "GetSubFolders" })
		for i = 1, length(below) do
			if below[i] then
				bin(below[i], path .. "/" .. text(call(below[i], "GetName") or ""), depth + 1)
			end
		end
	end
	bin(root, "", 1)
end

-- ids are a pool item's: of its media, and its own in newer versions.
local function ids(item)
	return known(call(item, "GetMediaId")), known(call(item, "GetUniqueId"))
end

-- property is one property of a pool item; older versions give it in a table.
local function property(item, key)
	local value = call(item, "GetClipProperty", key)
	if type(value) == "table" then
		return value[key]
	end
	return value
end
