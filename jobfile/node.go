package jobfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxNodes bounds what a document's aliases may unfold to.
const maxNodes = 100_000

// Node is a piece of a document with its place, for readers to whom the order of keys matters
// or that say more about a mistake than that it is one. Decode fills it like any other type.
type Node struct {
	Kind         NodeKind
	Word         string // of a NodeWord, without its quotes
	Keys         []Node // of a NodeMapping, in the order of the file; none stands twice
	Items        []Node // of a NodeList, or the values of a NodeMapping's keys
	Line, Column int    // from 1
}

// NodeKind is what a Node is.
type NodeKind int

const (
	NodeEmpty NodeKind = iota // nothing was written, or null
	NodeWord
	NodeList
	NodeMapping
)

// Get finds the value of a key; nil where there is none.
func (n *Node) Get(key string) *Node {
	for i := range n.Keys {
		if n.Keys[i].Word == key {
			return &n.Items[i]
		}
	}
	return nil
}

// Wrong is the error about a node: where it stands, and why it can't be.
func (n *Node) Wrong(file, format string, a ...any) *DecodeError {
	return &DecodeError{File: file, Line: max(1, n.Line), Column: max(1, n.Column), Reason: fmt.Sprintf(format, a...)}
}

// UnmarshalYAML takes the library's tree.
func (n *Node) UnmarshalYAML(from ast.Node) error {
	r := nodeReader{anchors: map[string]ast.Node{}, open: map[string]bool{}}
	out, err := r.node(from, 0)
	if err == nil {
		*n = out
	}
	return err
}

// nodeReader unfolds aliases: anchors are known once they have been passed.
type nodeReader struct {
	anchors map[string]ast.Node
	open    map[string]bool // anchors that are being read: an alias inside its own has no end
	nodes   int
}

func (r *nodeReader) node(from ast.Node, depth int) (Node, error) {
	out := Node{Line: 1, Column: 1}
	if from == nil {
		return out, nil
	}
	if t := from.GetToken(); t != nil && t.Position != nil {
		out.Line, out.Column = max(1, t.Position.Line), max(1, t.Position.Column)
	}
	if r.nodes++; r.nodes > maxNodes || depth > 2*maxDepth {
		return out, out.Wrong("", "unfolds to more than %d values, or deeper than %d levels", maxNodes, 2*maxDepth)
	}
	switch from := from.(type) {
	case *ast.NullNode:
	case *ast.AnchorNode:
		name := from.Name.GetToken().Value
		r.anchors[name] = from.Value
		r.open[name] = true
		defer delete(r.open, name)
		return r.node(from.Value, depth+1)
	case *ast.AliasNode:
		name := from.Value.GetToken().Value
		to, known := r.anchors[name]
		switch {
		case !known:
			return out, out.Wrong("", "%s refers to nothing above: a word that begins with * needs quotes", Quote("*"+name))
		case r.open[name]:
			return out, out.Wrong("", "%s refers to itself", Quote("*"+name))
		}
		return r.node(to, depth+1)
	case *ast.MappingNode:
		return r.mapping(out, from.Values, depth)
	case *ast.MappingValueNode:
		return r.mapping(out, []*ast.MappingValueNode{from}, depth)
	case *ast.SequenceNode:
		out.Kind = NodeList
		for _, v := range from.Values {
			item, err := r.node(v, depth+1)
			if err != nil {
				return out, err
			}
			out.Items = append(out.Items, item)
		}
	case *ast.LiteralNode:
		out.Kind, out.Word = NodeWord, restoreWildcard(from.Value.Value)
	case *ast.StringNode:
		out.Kind, out.Word = NodeWord, restoreWildcard(from.Value)
	case ast.ScalarNode:
		// As it is written: 0480 stays 0480, and 1.0 is no number of frames.
		out.Kind, out.Word = NodeWord, from.GetToken().Value
	default:
		return out, out.Wrong("", "of a kind of YAML that no document of Proxima's uses")
	}
	return out, nil
}

// mapping reads keys and values. What is merged in (<<) gives way to what is written, whichever
// comes first.
func (r *nodeReader) mapping(out Node, values []*ast.MappingValueNode, depth int) (Node, error) {
	out.Kind = NodeMapping
	var merged []Node
	own := map[string]bool{}
	for _, v := range values {
		value, err := r.node(v.Value, depth+1)
		if err != nil {
			return out, err
		}
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			if value.Kind != NodeMapping {
				return out, value.Wrong("", "<< takes the fields of a mapping, and this is none")
			}
			merged = append(merged, value)
			continue
		}
		key, err := r.node(v.Key, depth+1)
		if err != nil {
			return out, err
		}
		if key.Kind != NodeWord {
			return out, key.Wrong("", "a key must be a word")
		}
		if own[key.Word] {
			return out, key.Wrong("", "mapping key %s already defined", Quote(key.Word))
		}
		own[key.Word] = true
		out.Keys, out.Items = append(out.Keys, key), append(out.Items, value)
	}
	for _, m := range merged {
		for i, k := range m.Keys {
			if !own[k.Word] {
				own[k.Word] = true
				out.Keys, out.Items = append(out.Keys, k), append(out.Items, m.Items[i])
			}
		}
	}
	if len(out.Keys) > 0 && out.Keys[0].Line <= out.Line {
		// A mapping's own token is its first colon; people look at its first key.
		out.Line, out.Column = out.Keys[0].Line, min(out.Column, out.Keys[0].Column)
	}
	return out, nil
}

// Stand-ins for the first sign of a key like *proxy, which YAML takes for a reference: one
// character for another, so that everything keeps its place.
const (
	standInStar     = "\ue02a"
	standInQuestion = "\ue03f"
)

// The library's messages have them in quotes too, as escapes.
var restorer = strings.NewReplacer(standInStar, "*", standInQuestion, "?", `\ue02a`, "*", `\ue03f`, "?")

func restoreWildcard(s string) string {
	if strings.HasPrefix(s, standInStar) || strings.HasPrefix(s, standInQuestion) {
		return restorer.Replace(s)
	}
	return s
}
