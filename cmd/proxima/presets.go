package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/presets"
)

func (a *app) presetsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "presets",
		Short: "List, show and check the recipes that there are",
		Long: `A preset is a recipe for proxies. Some come with Proxima; a farm's own lie in its folder
presets, a person's own in presets/ beside the user's config.yaml. A later one replaces an
earlier one of the same name, or extends it.`,
		Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.presetsListCommand(), a.presetsShowCommand(), a.presetsCheckCommand(), &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of a file of presets, for editors", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(presets.Schema())
			return err
		},
	})
	return cmd
}

func (a *app) presetsListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the presets, with what they make and where they are from", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			set, err := a.allPresets(a.farmIfAny())
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
			for _, n := range set.Names() {
				e, err := set.Effective(n)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n, e.Makes(), jobfile.OneLine(e.Description), jobfile.Printable(set.Origin(n)))
			}
			return w.Flush()
		},
	}
}

// effectiveField is one line of presets show --effective --json.
type effectiveField struct {
	Field string   `json:"field"`
	Value []string `json:"value,omitempty"` // as written
	Final string   `json:"final,omitempty"` // what it comes to; nothing where it has no say
	From  string   `json:"from"`
}

type effectiveDocument struct {
	Format   int              `json:"format"`
	Preset   string           `json:"preset"`
	Makes    string           `json:"makes"`
	Encoders []string         `json:"encoders"` // the first choice first
	Suffix   string           `json:"suffix"`
	Folder   string           `json:"folder"`
	Fields   []effectiveField `json:"fields"`
}

func (a *app) presetsShowCommand() *cobra.Command {
	var effective, asJSON bool
	var sets []string
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show a preset as it is written, or what it comes to",
		Long: `Without flags, shows the preset as it is written, with what each field is. With --effective,
shows what each field comes to on this machine and where that was written: built in, a file of
presets, --set, or this worker's overrides.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"one preset's name is needed", "proxima presets list shows them"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			store, farm, conf, err := a.openFarm()
			if err != nil { // presets can be looked at without a farm
				store, farm = nil, nil
				if conf, err = a.userConfig(); err != nil {
					return err
				}
			}
			set, err := a.allPresets(store)
			if err != nil {
				return err
			}
			if !effective && !asJSON && len(sets) == 0 {
				data, err := set.Show(args[0])
				if err != nil {
					return &usageError{err.Error(), "proxima presets list shows them"}
				}
				_, err = a.stdout.Write(data)
				return err
			}
			layers, err := setLayers(sets)
			if err != nil {
				return err
			}
			over, _, err := a.overrides(store, farm, conf, workerName("", conf))
			if err != nil {
				return err
			}
			e, err := set.Effective(args[0], append(layers, over.For(args[0])...)...)
			var unknown *presets.Unknown
			if errors.As(err, &unknown) && unknown.What == "preset" && unknown.Name == args[0] {
				return &usageError{err.Error(), "proxima presets list shows them"}
			}
			if err != nil {
				return &hinted{what: "the preset cannot be used so", err: err, code: exitRefused, next: "mend what is named there"}
			}
			return a.printEffective(e, asJSON)
		},
	}
	cmd.Flags().BoolVar(&effective, "effective", false, "what each field comes to, and where from")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as one JSON document")
	cmd.Flags().StringArrayVar(&sets, "set", nil, "lay `field=value` over the preset, as queue does (repeatable)")
	return cmd
}

// setLayers reads what was given to --set.
func setLayers(args []string) ([]presets.Layer, error) {
	var out []presets.Layer
	for _, s := range args {
		l, err := presets.ParseSet(s)
		if err != nil {
			return nil, &usageError{"--set: " + err.Error(), "proxima presets show edit_proxy --effective lists the fields"}
		}
		out = append(out, l)
	}
	return out, nil
}

func (a *app) printEffective(e presets.Effective, asJSON bool) error {
	if asJSON {
		d := effectiveDocument{Format: 1, Preset: e.Name, Makes: e.Makes(), Encoders: e.Encoders(), Suffix: e.Suffix, Folder: e.Folder}
		for _, v := range e.Values() {
			d.Fields = append(d.Fields, effectiveField{v.Field, v.Words, v.Final, v.From.String()})
		}
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(d)
	}
	fmt.Fprintf(a.stdout, "%s makes %s with %s\n", e.Name, e.Makes(), strings.Join(e.Encoders(), ", else "))
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	for _, v := range e.Values() {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", v.Field, jobfile.OneLine(valueText(v)), v.From)
	}
	return w.Flush()
}

// valueText is what a field comes to, and in brackets how that was written if it differs.
func valueText(v presets.Value) string {
	as := strings.Join(v.Words, ", ")
	switch {
	case as == v.Final || as == "":
		return cmp.Or(v.Final, "-")
	case v.Field == "description":
		return as
	}
	return cmp.Or(v.Final, "-") + " (written " + as + ")"
}

func (a *app) presetsCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check [FILE...]", Short: "Look for mistakes in files of presets", Args: cobra.ArbitraryArgs,
		Long: `Reads files of presets, laid over those that there are, and says what is wrong in them: file,
line, column, and what to write instead. Without a file, looks at the farm's and your own, and
at the overrides of this machine. Exits with 4 if there is a mistake.`,
		RunE: func(_ *cobra.Command, args []string) error {
			store, farm, conf, err := a.openFarm()
			if err != nil {
				store, farm = nil, nil
				if conf, err = a.userConfig(); err != nil {
					var broken *jobfile.DecodeError
					if errors.As(err, &broken) {
						return &hinted{err: err, what: "a mistake", next: "mend the file in a text editor", code: exitRefused}
					}
					return err
				}
			}
			set := presets.Builtin()
			if len(args) == 0 {
				if set, err = a.allPresets(store); err != nil {
					return err
				}
				if _, _, err := a.overrides(store, farm, conf, workerName("", conf)); err != nil {
					return err
				}
				if err := checkAssets(set, store, ""); err != nil {
					return err
				}
			} else if laid, err := a.allPresets(store); err == nil {
				set = laid // else the files are looked at by themselves
			}
			wrong := 0
			for _, file := range args {
				data, err := readSmall(file, jobfile.MaxDocument)
				if err == nil {
					var laid presets.Set
					if laid, err = set.Add(file, data); err == nil {
						err = checkAssets(laid, store, file)
					}
				}
				if err != nil {
					fmt.Fprintln(a.stdout, oneLine(err))
					wrong++
				}
			}
			if wrong > 0 {
				return &hinted{what: plural(wrong, "file has", "files have") + " a mistake", next: "mend them in a text editor", code: exitRefused}
			}
			return nil
		},
	}
}

// checkAssets sees that the files which presets name are there and can be used: those of one
// file of presets, or of all.
func checkAssets(set presets.Set, store *jobfile.Store, file string) error {
	o := &orders{set: set, resolved: map[string]*order{}}
	if store != nil {
		o.farm = store.Dir()
	}
	for _, n := range set.Names() {
		if file != "" && set.Origin(n) != file {
			continue
		}
		if _, err := o.order(n, clipSettings{}); err != nil {
			return err
		}
	}
	return nil
}

// readSmall reads a file that a person wrote.
func readSmall(file string, limit int64) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", jobfile.Quote(file))
	case info.Size() > limit:
		return nil, fmt.Errorf("%s is larger than %d bytes, which is too much", jobfile.Quote(filepath.Base(file)), limit)
	}
	return os.ReadFile(file)
}

// farmIfAny opens the farm where one is named; presets can be looked at without.
func (a *app) farmIfAny() *jobfile.Store {
	s, _, _, err := a.openFarm()
	if err != nil {
		return nil
	}
	return s
}
