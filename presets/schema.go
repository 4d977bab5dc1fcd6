package presets

import (
	"bytes"
	"encoding/json"
	"strings"
)

// SchemaURL names the kind of schema that this is.
const SchemaURL = "https://json-schema.org/draft/2020-12/schema"

// Schema is the JSON schema of a file of presets, for editors.
func Schema() []byte {
	type obj = map[string]any
	props := obj{}
	for _, f := range fields {
		one := obj{"type": []string{"string", "number", "boolean", "null"}}
		switch {
		case f.Max != 0:
			any := []any{obj{"type": "integer", "minimum": f.Min, "maximum": f.Max}, obj{"type": "string", "pattern": "^ *[0-9]+ *$"}, obj{"type": "null"}}
			if f.Or != "" {
				any = append(any, obj{"const": f.Or})
			}
			one = obj{"anyOf": any}
		case f.Words != nil:
			// Case and dashes do not matter to the reader, so the words are a help and no rule.
			one = obj{"anyOf": []any{obj{"enum": f.Words}, obj{"type": []string{"string", "boolean", "null"}}}}
		}
		if f.List {
			one = obj{"anyOf": []any{obj{"type": "array", "items": obj{"type": []string{"string", "number"}}, "maxItems": 64}, one}}
		}
		one["description"] = strings.ToUpper(f.Doc[:1]) + f.Doc[1:]
		props[f.Name] = one
	}
	doc := obj{
		"$schema":              SchemaURL,
		"title":                "Presets of Proxima",
		"description":          "Recipes for proxies, by name",
		"type":                 []string{"object", "null"},
		"propertyNames":        obj{"pattern": reName.String()},
		"additionalProperties": obj{"$ref": "#/$defs/preset"},
		"$defs":                obj{"preset": obj{"type": []string{"object", "null"}, "additionalProperties": false, "properties": props}},
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		panic(err) // of maps and words
	}
	return b.Bytes()
}
