package encode

import "testing"

// countedTools are the installed programs; they are not counted here.
func countedTools(t *testing.T) (*Tools, func() (started int, known bool)) {
	return tools(t), func() (int, bool) { return 0, false }
}
