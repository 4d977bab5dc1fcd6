// Package resolve is the bridge to DaVinci Resolve: it asks the running Resolve what the open
// project holds, and has it link proxies to clips.
//
// Resolve is reached through its own program fuscript, which runs the Lua scripts of this
// package. What they print is untrusted: Resolve's words come in the language of its windows,
// its lists have holes, and an answer may break off. The exit status of fuscript says nothing.
//
// None of this was run against a Resolve by whoever wrote it: the scripts are tested under
// LuaJIT against a stand-in for Resolve's interface (testdata/fake.lua) that follows
// Blackmagic's documents and what people report.
package resolve
