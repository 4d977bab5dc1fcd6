package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"proxima/jobfile"
)

// examples are those of commands that need few words; the others have theirs beside their text.
var examples = map[string]string{
	"presets":         "  proxima presets list\n  proxima presets show edit_proxy",
	"presets schema":  "  proxima presets schema",
	"presets list":    "  proxima presets list",
	"presets show":    "  proxima presets show edit_proxy\n  proxima presets show edit_proxy --effective",
	"presets check":   "  proxima presets check\n  proxima presets check house.yaml",
	"config":          "  proxima config show",
	"config show":     "  proxima config show\n  proxima config show --json",
	"config check":    "  proxima config check",
	"config edit":     "  proxima config edit\n  proxima config edit --farm-file",
	"service start":   "  proxima service start",
	"service restart": "  proxima service restart",
	"service stop":    "  proxima service stop",
	"service status":  "  proxima service status\n  proxima service status --json",
	"service run":     "  proxima service run --name edit7",

	"service uninstall": "  proxima service uninstall",
}

// explain gives each command that has none its examples, and those that have commands below them
// an answer to words that they do not know.
func explain(root *cobra.Command) {
	var walk func(cmd *cobra.Command, path string)
	walk = func(cmd *cobra.Command, path string) {
		if cmd.Example == "" {
			cmd.Example = examples[path]
		}
		if cmd.HasSubCommands() {
			cmd.Args = unknownCommand
		}
		for _, sub := range cmd.Commands() {
			walk(sub, strings.TrimSpace(path+" "+sub.Name()))
		}
	}
	walk(root, "")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		next := cmd.CommandPath() + " --help shows the flags"
		if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
			var names []string
			cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
			next = meant("--"+unknown.GetSpecifiedName(), names, next)
		}
		return &usageError{err.Error(), next}
	})
}

// meant adds to the next step the words that one that is not known may be a slip of.
func meant(word string, known []string, next string) string {
	if near := jobfile.Near(word, known); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "? " + next
	}
	return next
}

// unknownCommand refuses what is no command of cmd's.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return &usageError{"unknown command " + jobfile.Quote(args[0]), meant(args[0], names, cmd.CommandPath()+" --help lists the commands")}
}
