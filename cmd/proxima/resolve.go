package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"proxima/resolve"
)

// fuscriptFlag is the flag of commands that ask Resolve.
func fuscriptFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "fuscript", "", "`path` of DaVinci Resolve's fuscript (default: the user's config, or where Resolve's installer puts it)")
}

// openProject asks the running Resolve for its open project.
func (a *app) openProject(ctx context.Context, conf userConfig, fuscript string) (*resolve.Bridge, *resolve.Project, error) {
	b, err := resolve.Find(cmp.Or(fuscript, conf.Fuscript))
	if err != nil {
		return nil, nil, resolveError(err)
	}
	p, err := b.List(ctx)
	if err != nil {
		return nil, nil, resolveError(err)
	}
	return b, p, nil
}

// resolveError gives a problem with Resolve its next step.
func resolveError(err error) error {
	var p *resolve.Problem
	switch {
	case errors.As(err, &p):
		return &hinted{what: p.Error(), next: p.Next, code: exitFailed}
	case errors.Is(err, context.Canceled):
		return errInterrupted
	}
	return err
}
