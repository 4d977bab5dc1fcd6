package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/muesli/cancelreader"

	"proxima/jobfile"
)

// pickByNumber lists the rows with numbers and reads the answer from a line: for people who
// listen to their terminal, for terminals that can do no more, and for pipes. It reads no
// further than the line that answers, for what follows may answer another question.
func pickByNumber(ctx context.Context, in io.Reader, out io.Writer, rows []pickRow) ([]int, error) {
	lines, stop := newLineReader(in)
	defer stop()
	shown := make([]int, len(rows))
	for i := range shown {
		shown[i] = i
	}
	printRows(out, rows, shown)
	for {
		fmt.Fprintln(out, "Which ones? Numbers such as 1 3-5, or all, or a part of the name to list fewer; q leaves.")
		fmt.Fprint(out, "> ")
		line, err := lines.next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, errInterrupted
		case errors.Is(err, io.EOF):
			fmt.Fprintln(out)
			return nil, &hinted{what: "no timeline was picked", code: exitRefused, next: "answer with numbers, or name the timelines with --timeline"}
		case err != nil:
			return nil, &hinted{what: "cannot read which timelines are meant", err: err, code: exitRefused, next: "name them with --timeline"}
		}
		answer := strings.TrimSpace(line)
		switch strings.ToLower(answer) {
		case "":
			fmt.Fprintln(out, "Nothing was picked.")
			continue
		case "q", "quit":
			return nil, errInterrupted
		case "all":
			return shown, nil
		}
		if picked, wrong, numbers := parseNumbers(answer, len(rows)); numbers {
			if wrong == "" {
				return picked, nil
			}
			fmt.Fprintln(out, wrong)
			continue
		}
		fewer := filterRows(rows, answer)
		if len(fewer) == 0 {
			fmt.Fprintf(out, "No timeline has %s in its name.\n", jobfile.Quote(answer))
			continue
		}
		shown = fewer
		printRows(out, rows, shown)
	}
}

func printRows(out io.Writer, rows []pickRow, shown []int) {
	digits := len(strconv.Itoa(len(rows)))
	for _, i := range shown {
		r := rows[i]
		facts := r.work
		if r.length != "-" {
			facts = r.length + ", " + facts
		}
		if r.rate != "?" {
			facts = r.rate + " fps, " + facts
		}
		fmt.Fprintf(out, "%*d  %s, %s\n", digits, i+1, r.name, facts)
	}
}

func filterRows(rows []pickRow, filter string) []int {
	var shown []int
	for i, r := range rows {
		if r.matches(filter) {
			shown = append(shown, i)
		}
	}
	return shown
}

// parseNumbers reads "1 3-5, 7". ok is false where s is made of anything else; wrong says which
// of the numbers is none of a row.
func parseNumbers(s string, rows int) (picked []int, wrong string, ok bool) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
	marked := make([]bool, rows)
	for _, f := range fields {
		if strings.Trim(f, "0123456789-") != "" {
			return nil, "", false
		}
		first, last, isRange := strings.Cut(f, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || from < 1 || to > rows || from > to {
			wrong = fmt.Sprintf("%s is not from 1 to %d.", jobfile.Printable(f), rows)
			continue
		}
		for i := from; i <= to; i++ {
			marked[i-1] = true
		}
	}
	for i, m := range marked {
		if m {
			picked = append(picked, i)
		}
	}
	return picked, wrong, len(fields) > 0
}

// lineReader reads a line at a time and nothing beyond it.
type lineReader struct {
	r      io.Reader
	cancel func() bool // ends a read that waits; false where that cannot be done
}

func newLineReader(in io.Reader) (l *lineReader, stop func()) {
	if f, ok := in.(*os.File); ok {
		if c, err := cancelreader.NewReader(f); err == nil { // else a plain file: it never waits
			return &lineReader{c, c.Cancel}, func() { _ = c.Close() }
		}
	}
	return &lineReader{in, func() bool { return false }}, func() {}
}

// next is the next line, io.EOF where there is none. It ends with ctx. What cannot be cancelled,
// a pipe on Windows, is left behind in its read, and the program ends over it.
func (l *lineReader) next(ctx context.Context) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := l.read()
		got <- answer{line, err}
	}()
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		if l.cancel() {
			<-got
		}
		return "", ctx.Err()
	}
}

// maxAnswer is far more than anyone types.
const maxAnswer = 64 << 10

func (l *lineReader) read() (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < maxAnswer {
		n, err := l.r.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, one[0])
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", err
		}
	}
	return "", errors.New("the line is too long")
}

// sortedMarks are the marked rows, in the order in which they are shown.
func sortedMarks(marked map[int]bool) []int {
	var rows []int
	for i, m := range marked {
		if m {
			rows = append(rows, i)
		}
	}
	slices.Sort(rows)
	return rows
}
