package main

import (
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// completable is what shells offer for the arguments of commands, by the command's path.
var completable = map[string]func(*app, string) []string{
	"status": (*app).jobWords, "cancel": (*app).jobWords, "pause": (*app).jobWords, "resume": (*app).jobWords,
	"priority": (*app).jobWords, "retry": (*app).jobWords, "logs": (*app).jobWords, "link": (*app).jobWords, "purge": (*app).overWords,
	"drain": (*app).workerWords, "slots": (*app).workerWords,
	"presets show": (*app).presetWords,
}

// completableFlags likewise for flags of whatever command has them.
var completableFlags = map[string]func(*app, string) []string{
	"worker": (*app).workerWords, "preset": (*app).presetWords,
	"existing": func(*app, string) []string { return []string{"skip", "overwrite", "keep-both"} },
}

// onlyFirst is of which commands only the first argument is of that kind.
var onlyFirst = map[string]bool{"priority": true, "slots": true, "drain": true, "logs": true, "presets show": true}

// takesFiles are commands whose arguments are files, which shells complete themselves.
var takesFiles = map[string]bool{"queue": true, "init": true, "presets check": true}

// complete gives each command what shells may offer for it.
func (a *app) complete(root *cobra.Command) {
	var walk func(cmd *cobra.Command, path string)
	walk = func(cmd *cobra.Command, path string) {
		for name, words := range completableFlags {
			if cmd.LocalNonPersistentFlags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, a.offer(words, false))
			}
		}
		switch words := completable[path]; {
		case words != nil:
			cmd.ValidArgsFunction = a.offer(words, onlyFirst[path])
		case !takesFiles[path] && !cmd.HasSubCommands():
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		for _, sub := range cmd.Commands() {
			walk(sub, strings.TrimSpace(path+" "+sub.Name()))
		}
	}
	walk(root, "")
}

// offersWithin bounds how long somebody who pressed tab waits for a share.
const offersWithin = 2 * time.Second

func (a *app) offer(words func(*app, string) []string, first bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if first && len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		got := make(chan []string, 1)
		go func() { got <- words(a, begun) }() // ends with the program, which ends when this has answered
		select {
		case list := <-got:
			return list, cobra.ShellCompDirectiveNoFileComp
		case <-time.After(offersWithin):
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

var reJobBegun = regexp.MustCompile(`^[0-9]{1,2}(_|$)`)

// jobWords are the jobs that are not over: by their clips, or by their names where one is begun or
// several have the same clip.
func (a *app) jobWords(begun string) []string {
	store, _, _, err := a.openFarm()
	if err != nil {
		return nil
	}
	ids, _, err := store.JobIDs()
	if err != nil {
		return nil
	}
	return jobOffers(ids, begun)
}

// overWords are the jobs in done/.
func (a *app) overWords(begun string) []string {
	store, _, _, err := a.openFarm()
	if err != nil {
		return nil
	}
	ids, err := store.FinishedIDs()
	if err != nil {
		return nil
	}
	return jobOffers(ids, begun)
}

func jobOffers(ids []string, begun string) (words []string) {
	stems := map[string]int{}
	for _, id := range ids {
		stems[jobfile.StemOf(id)]++
	}
	for _, id := range ids {
		if stem := jobfile.StemOf(id); stems[stem] == 1 && !reJobBegun.MatchString(begun) {
			words = append(words, stem+"\t"+id)
		} else {
			words = append(words, id)
		}
	}
	return words
}

func (a *app) workerWords(string) (words []string) {
	store, _, _, err := a.openFarm()
	if err != nil {
		return nil
	}
	ws, _, err := store.Workers()
	if err != nil {
		return nil
	}
	for _, w := range ws {
		words = append(words, w.Name+"\t"+jobfile.Printable(w.Host)+", "+jobfile.Printable(w.State))
	}
	return words
}

func (a *app) presetWords(string) []string {
	store, _, _, err := a.openFarm()
	if err != nil {
		store = nil
	}
	set, err := a.allPresets(store)
	if err != nil {
		return nil
	}
	return set.Names()
}
