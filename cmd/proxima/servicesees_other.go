//go:build !linux && !darwin && !windows

package main

import "proxima/service"

func serviceSees(service.Scope, []string) ([]string, error) { return nil, nil }

func mountPoints([]string) []string { return nil }

func readOnlyHere(string) bool { return false }
