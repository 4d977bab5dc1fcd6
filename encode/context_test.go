package encode

import "context"

// bgContext is for work that several tests share, or that no test may cut short.
var bgContext = context.Background()
