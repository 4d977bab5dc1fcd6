-- Tells which Resolve answers and which project is open, and looks no further.
if open() then
	finish()
end
