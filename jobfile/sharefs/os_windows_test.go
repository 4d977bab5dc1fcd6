package sharefs

import "golang.org/x/sys/windows"

const errPasses = windows.ERROR_SHARING_VIOLATION
