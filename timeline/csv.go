package timeline

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"

	"proxima/jobfile"
)

// csvColumns are the columns that are used, by the names that Resolve gives them in English and,
// of the two that matter, in its other languages as far as they are known. Which columns are there
// depends on the fields that are filled.
var csvColumns = map[string][]string{
	"name":   {"file name", "filename", "clip name", "dateiname", "nom du fichier", "nombre de archivo", "nome file", "ファイル名", "文件名", "파일 이름"},
	"folder": {"clip directory", "file path", "clip-verzeichnis", "clipverzeichnis", "répertoire du clip", "directorio del clip", "クリップディレクトリ", "片段目录"},
	"start":  {"start tc", "start timecode"},
	"rate":   {"frame rate", "fps", "framerate", "bildrate"},
	"frames": {"frames"},
	"reel":   {"reel name", "reel", "tape"},
}

// maxCells bounds what encoding/csv makes of a file before a row can be looked at: a hundred
// columns of eighty thousand clips.
const maxCells = 8_000_000

// csvTable is a metadata export as it is written.
type csvTable struct {
	note    string
	at      map[string]int // of csvColumns; -1 not there
	rows    [][]string
	guessed bool // the columns were found by what is in them
}

func parseCSV(file string, data []byte) (*csvTable, error) {
	text, note, err := listText(file, data)
	if err != nil {
		return nil, err
	}
	// encoding/csv takes a lone CR for a letter.
	text = strings.TrimRight(text, "\x00\x1a")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	line, below, _ := strings.Cut(text, "\n")
	forSheets := separatorLine.MatchString(line)
	if !forSheets {
		below = text
	}
	comma := separator(below)
	if strings.Count(text, string(comma)) > maxCells {
		return nil, tooMany(file, 0)
	}
	rows, err := csvRows(file, text, comma, false)
	if err != nil && (errors.Is(err, csv.ErrBareQuote) || errors.Is(err, csv.ErrQuote)) {
		// A quote in the middle of a field, as in 5" LCD, that the writer did not double.
		rows, err = csvRows(file, text, comma, true)
	}
	if forSheets && len(rows) > 0 {
		rows = rows[1:]
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return nil, e
	case err != nil:
		line := 0
		var p *csv.ParseError
		if errors.As(err, &p) {
			line, err = p.StartLine, p.Err
		}
		return nil, &Error{
			File: file, Line: line, Reason: err.Error(),
			Next: "export the metadata again, or correct the quotes of that line",
		}
	case len(rows) < 2:
		return nil, &Error{
			File: file, Reason: "there is no clip in it: a header line and a line for each clip are expected",
			Next: "choose clips or a bin in the media pool and export their metadata",
		}
	}
	t := &csvTable{note: note, rows: rows[1:]}
	if err := t.columns(file, rows[0]); err != nil {
		return nil, err
	}
	return t, nil
}

// separatorLine is what spreadsheets write above the header, for themselves.
var separatorLine = regexp.MustCompile(`(?i)^"?sep=.?"?\s*$`)

// separator is what stands most often in the header: spreadsheets write ";" or tabs where the
// comma is the decimal point.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, n := ',', strings.Count(head, ",")
	for _, c := range ";\t" {
		if k := strings.Count(head, string(c)); k > n {
			best, n = c, k
		}
	}
	return best
}

func csvRows(file, text string, comma rune, lazy bool) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, lazy, -1
	var rows [][]string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(rows) == maxRows {
			return nil, tooMany(file, line)
		}
		for _, cell := range row {
			// Read leniently, a quote that is not closed swallows the clips that follow.
			if lazy && strings.Contains(cell, "\n") || len(cell) > maxLine {
				return nil, &Error{
					File: file, Line: line, Reason: "a quote is opened and not closed",
					Next: "correct the quotes of that line, or export the metadata again",
				}
			}
		}
		rows = append(rows, row)
	}
}

// columns finds the columns by name; where the language is another, the folder is the column
// that is full of paths, and the name the first, as Resolve writes it.
func (t *csvTable) columns(file string, head []string) error {
	t.at = map[string]int{}
	for field, names := range csvColumns {
		t.at[field] = -1
	search:
		for _, name := range names {
			for i, h := range head {
				if strings.ToLower(strings.TrimSpace(h)) == name {
					t.at[field] = i
					break search
				}
			}
		}
	}
	if t.at["folder"] < 0 {
		full := make([]int, len(head))
		for _, row := range t.rows {
			for i := range min(len(row), len(head)) {
				if rooted(row[i]) {
					full[i]++
				}
			}
		}
		best := 0
		for i, n := range full {
			if n > best {
				best = n
				t.at["folder"] = i
			}
		}
		if t.at["folder"] < 0 {
			return &Error{
				File: file, Line: 1, At: "Clip Directory", Reason: "no column tells where the clips lie",
				Next: "export the metadata with the column Clip Directory, or make a plain list of paths",
			}
		}
		t.guessed = true
	}
	if t.at["name"] < 0 {
		t.guessed = true
		if t.at["folder"] != 0 {
			t.at["name"] = 0
		}
	}
	return nil
}

func (t *csvTable) cell(row []string, field string) string {
	if i := t.at[field]; i >= 0 && i < len(row) {
		return row[i]
	}
	return ""
}

// target is the file of a row: the folder and the name, with the separator of the folder, or the
// folder alone where it ends in the name.
func (t *csvTable) target(row []string) string {
	name, folder := t.cell(row, "name"), t.cell(row, "folder")
	slash := "/"
	if strings.HasPrefix(folder, `\\`) || onDrive(folder) && !strings.Contains(folder, "/") {
		slash = `\`
	}
	switch {
	case folder == "":
		return ""
	case name == "" || strings.HasSuffix(folder, slash+name):
		return folder
	case strings.HasSuffix(folder, slash):
		return folder + name
	}
	return folder + slash + name
}

// readCSV reads the metadata that Resolve exports of its media pool: clips, no timeline. Bins and
// timelines are rows that have no folder.
func readCSV(file string, data []byte) (*Project, error) {
	t, err := parseCSV(file, data)
	if err != nil {
		return nil, err
	}
	g := newGather(file, CSV)
	if t.note != "" {
		g.note(t.note)
	}
	without, first := 0, ""
	for _, row := range t.rows {
		name, target := t.cell(row, "name"), t.target(row)
		if target == "" {
			if strings.TrimSpace(strings.Join(row, "")) != "" {
				if without++; first == "" {
					first = name
				}
			}
			continue
		}
		m := Media{
			Target: target, Kind: listKind(target), Name: name,
			Reel: t.cell(row, "reel"), Rate: listRate(t.cell(row, "rate")),
		}
		g.place(&m, target)
		m.Start = listSeconds(t.cell(row, "start"), m.Rate)
		m.Duration = framesLong(t.cell(row, "frames"), m.Rate)
		g.add(target, m)
	}
	if without > 0 {
		g.note(counted(without, "row has", "rows have") + " no folder and was left out, as bins and timelines are: the first is " + jobfile.Quote(first))
	}
	if t.guessed {
		g.note("the names of the columns are not known: name and folder were found by what is in them")
	}
	g.note("a metadata export has no timeline: it is a list of clips")
	return g.done(), nil
}

func framesLong(s string, rate jobfile.Rational) *jobfile.Rational {
	n := number(strings.TrimSpace(s))
	if n == nil || !n.IsInt() || n.Sign() <= 0 {
		return nil
	}
	return seconds(n, rate)
}
