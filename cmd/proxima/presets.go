package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) presetsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "presets",
		Short: "List and show the recipes that there are",
		Long: `A preset is a recipe for proxies. Some come with Proxima; a farm's own lie in its folder
presets, a person's own in presets/ beside the user's config.yaml. A later one replaces an
earlier one of the same name.`,
		Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "List the presets", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			store := a.farmIfAny()
			set, err := a.allPresets(store)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
			for _, n := range set.Names() {
				r, err := set.Resolve(n)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\n", n, r.Video.Encoder, r.Video.Profile, r.Ext, jobfile.Printable(set.Origin(n)))
			}
			return w.Flush()
		},
	}, &cobra.Command{
		Use: "show NAME", Short: "Show the recipe that a preset makes",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"one preset's name is needed", "proxima presets list shows them"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := a.allPresets(a.farmIfAny())
			if err != nil {
				return err
			}
			r, err := set.Resolve(args[0])
			if err != nil {
				return &usageError{err.Error(), "proxima presets list shows them"}
			}
			data, err := jobfile.Encode("From "+jobfile.OneLine(set.Origin(args[0])), &r)
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(data)
			return err
		},
	})
	return cmd
}

// farmIfAny opens the farm where one is named; presets can be looked at without.
func (a *app) farmIfAny() *jobfile.Store {
	s, _, _, err := a.openFarm()
	if err != nil {
		return nil
	}
	return s
}
