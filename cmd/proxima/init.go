package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a farm folder",
		Long: `Makes DIR (or the folder that --farm or PROXIMA_FARM names, or the current one) a
farm: a farm.yaml with the settings, a READ ME.txt for people, and folders for jobs.

Safe to repeat: what is there stays, what is missing is added. A folder that holds
something else is refused.`,
		Example: "  proxima init /mnt/share/farm\n  proxima init '\\\\nas\\media\\farm'",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := a.farmFlag
			if len(args) == 1 {
				dir = args[0]
			}
			if dir == "" {
				dir = a.getenv("PROXIMA_FARM")
			}
			if dir == "" {
				dir = "."
			}
			made, err := jobfile.Init(dir)
			if err != nil {
				return err
			}
			abs, err := filepath.Abs(dir)
			if err != nil {
				abs = dir
			}
			fmt.Fprintf(a.stdout, "%s %s\n", yesNo(made, "made a farm in", "the farm is complete:"), jobfile.Printable(abs))
			return nil
		},
	}
}

// maxArgs refuses surplus arguments as a usage error.
func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return &usageError{"too many arguments: " + jobfile.Quote(args[n]), cmd.CommandPath() + " --help"}
		}
		return nil
	}
}
