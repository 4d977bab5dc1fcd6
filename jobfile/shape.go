package jobfile

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on a document's shape. The parser recurses with depth, and takes time with the square
// of a mapping's width: without them half a megabyte of keys keeps a daemon busy for minutes.
const (
	maxDepth   = 32        // of indentation levels and flow brackets
	maxKeys    = 1000      // of one mapping
	maxAliases = 1000      // of a document; presets share values by them
	maxMarks   = 2_000_000 // characters that may begin a token, each of which costs some hundred bytes
)

// misshapen looks at a document before the parser does: its bytes, then its tokens, which are
// made in one pass and without recursion.
func misshapen(data []byte) *DecodeError {
	if line, ok := tooIndented(data); ok {
		return at(line, 1, "nested deeper than %d levels", maxDepth)
	}
	marks := 0
	for _, mark := range ",:[]{}\"'#-?&*!|>%\n" {
		marks += bytes.Count(data, []byte(string(mark)))
	}
	if marks > maxMarks {
		return at(1, 1, "more than %d lines and marks, which no document of Proxima's has", maxMarks)
	}
	s := shape{keys: map[int]int{}}
	for _, t := range lexer.Tokenize(string(data)) {
		if why := s.add(t); why != "" {
			return at(t.Position.Line, max(t.Position.Column, 1), "%s", why)
		}
	}
	return nil
}

func at(line, col int, format string, a ...any) *DecodeError {
	return &DecodeError{Line: line, Column: col, Reason: fmt.Sprintf(format, a...)}
}

// tooIndented bounds the levels of blocks, all of which need a column of their own.
func tooIndented(data []byte) (line int, deep bool) {
	for i, l := range bytes.Split(data, []byte("\n")) {
		lead := len(l) - len(bytes.TrimLeft(l, " -?"))
		if lead > 4*maxDepth && lead < len(l) {
			return i + 1, true
		}
	}
	return 0, false
}

// shape follows a document's tokens.
type shape struct {
	flow    []bracket
	keys    map[int]int // column -> keys of the block mapping that stands there
	aliases int
	content bool         // something stood before
	last    *token.Token // before this one
	run     int          // of tokens that only announce another
}

// bracket is one that is open: a mapping's, whose keys are counted, or a list's.
type bracket struct {
	mapping bool
	keys    int
}

// add takes the next token and says what is wrong with it, or "".
func (s *shape) add(t *token.Token) string {
	last := s.last
	s.last = t
	switch t.Type {
	case token.CommentType:
		s.last = last
		return ""
	case token.DocumentHeaderType:
		if s.content {
			return "more than one document in the file"
		}
		return ""
	case token.DirectiveType, token.TagType, token.MappingKeyType:
		return "of a kind of YAML that no document of Proxima's uses"
	case token.AnchorType, token.AliasType:
		if s.aliases++; s.aliases > maxAliases {
			return fmt.Sprintf("more than %d anchors and aliases", maxAliases)
		}
	}
	s.content = true
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		if s.flow = append(s.flow, bracket{mapping: t.Type == token.MappingStartType}); len(s.flow) > maxDepth {
			return fmt.Sprintf("nested deeper than %d levels", maxDepth)
		}
	case token.MappingEndType, token.SequenceEndType:
		if len(s.flow) > 0 {
			s.flow = s.flow[:len(s.flow)-1]
		}
	case token.CollectEntryType, token.MappingValueType:
		return s.entry(t, last)
	case token.SequenceEntryType, token.AnchorType:
		if t.Type == token.SequenceEntryType && len(s.flow) == 0 {
			if last != nil && last.Type == token.SequenceEntryType && last.Position.Column == t.Position.Column {
				return "an entry of a list with nothing in it"
			}
			s.leave(t.Position.Column)
		}
		if s.run++; s.run > maxDepth {
			return fmt.Sprintf("nested deeper than %d levels", maxDepth)
		}
		return ""
	}
	if last == nil || last.Type != token.AnchorType { // an anchor's name is no value yet
		s.run = 0
	}
	return ""
}

// entry counts the keys of a mapping: in brackets whatever stands between commas may be one.
func (s *shape) entry(t, last *token.Token) string {
	n := 0
	switch {
	case len(s.flow) > 0:
		if b := &s.flow[len(s.flow)-1]; b.mapping && t.Type == token.CollectEntryType {
			b.keys++
			n = b.keys
		}
	case t.Type == token.MappingValueType && last != nil:
		s.leave(last.Position.Column)
		s.keys[last.Position.Column]++
		n = s.keys[last.Position.Column]
	}
	if n > maxKeys {
		return fmt.Sprintf("a mapping of more than %d keys", maxKeys)
	}
	return ""
}

// leave forgets the mappings right of a column: they have ended.
func (s *shape) leave(column int) {
	for c := range s.keys {
		if c > column {
			delete(s.keys, c)
		}
	}
}

// placeOf finds what a message of Validate is about, which begins with the field's name as
// documents spell it ("plan.units[3].id: ..."), or the nearest thing around it.
func placeOf(data []byte, reason string) (line, col int) {
	field, _, ok := strings.Cut(reason, ": ")
	f, err := parser.ParseBytes(data, 0)
	for ok && err == nil && field != "" {
		if p, perr := yaml.PathString("$." + field); perr == nil {
			if n, nerr := p.FilterFile(f); nerr == nil && n != nil && n.GetToken() != nil {
				return n.GetToken().Position.Line, max(1, n.GetToken().Position.Column)
			}
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return 1, 1
}
