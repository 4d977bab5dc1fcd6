// Package awake asks the operating system not to fall asleep by itself while there is work. A
// person who sends the machine to sleep is obeyed where the system can tell the two apart. It also asks
// whether somebody is at the machine.
package awake

import "context"

// why is what the system shows to a person who asks what keeps the machine awake.
const why = "encoding video proxies"

// Keep asks the system to stay awake until release is called, which may be done once. An
// error says why the system refused; the machine may then sleep at any time, which costs the
// farm the work on what this machine held and nothing else.
func Keep(ctx context.Context) (release func(), err error) { return keep(ctx) }
