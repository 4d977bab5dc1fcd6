package sharefs

// Space tells how many bytes of the volume that holds dir this account may still write, and
// how large the volume is.
func Space(dir string) (free, total uint64, err error) { return space(dir) }
