//go:build man

package main

import (
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// Only the build of a release writes manual pages: what makes them is not in the program that
// people get.
func init() {
	moreCommands = append(moreCommands, func(a *app) *cobra.Command {
		return &cobra.Command{
			Use: "man DIR", Hidden: true, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				epoch, err := strconv.ParseInt(a.getenv("SOURCE_DATE_EPOCH"), 10, 64)
				if err != nil {
					return &usageError{"SOURCE_DATE_EPOCH is not set", "set it to the time of the commit"}
				}
				if err := os.MkdirAll(args[0], 0o755); err != nil {
					return err
				}
				at := time.Unix(epoch, 0).UTC()
				root := cmd.Root()
				root.DisableAutoGenTag = true
				return doc.GenManTree(root, &doc.GenManHeader{Title: "PROXIMA", Section: "1", Date: &at, Source: "Proxima " + versionText(), Manual: "Proxima"}, args[0])
			},
		}
	})
}
