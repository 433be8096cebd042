// Reads a ledger from a folder with Go's own transparency log packages: checks the checkpoint with
// the key, every entry against the tiles, the consistency of every earlier size, and of every older
// signed checkpoint that is given.
//
// Usage: main FOLDER VKEY [NOTE...]. Prints "size entries proofs notes"; exits 1 with the reason otherwise.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int { return 8 }

// Go writes the tile height into a path; tlog-tiles does not.
func (f folder) file(t tlog.Tile) string {
	return filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/", "tile/", 1))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, t := range tiles {
		raw, err := os.ReadFile(f.file(t))
		if err != nil {
			return nil, err
		}
		data = append(data, raw)
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readCheckpoint(path string, key string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	must(err)
	raw, err := os.ReadFile(path)
	must(err)
	opened, err := note.Open(raw, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("a checkpoint of %s", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func readEntries(dir folder, size int64) [][]byte {
	var entries [][]byte
	for n := int64(0); n<<8 < size; n++ {
		t := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if left := size - n<<8; left < 256 {
			t.W = int(left)
		}
		path := strings.Replace(dir.file(t), "tile/data/", "tile/entries/", 1)
		raw, err := os.ReadFile(path)
		must(err)
		for len(raw) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(raw))
			entries = append(entries, raw[2:end])
			raw = raw[end:]
		}
	}
	return entries
}

func main() {
	dir, key := folder(os.Args[1]), os.Args[2]
	tree := readCheckpoint(filepath.Join(os.Args[1], "checkpoint"), key)
	entries := readEntries(dir, tree.N)
	if int64(len(entries)) != tree.N {
		must(fmt.Errorf("%d entries for size %d", len(entries), tree.N))
	}
	hashes := tlog.TileHashReader(tree, dir)
	for n, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(n), hashes)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(entry)))
	}
	checked := 0
	for old := int64(1); old < tree.N; old++ {
		root, err := tlog.TreeHash(old, hashes)
		must(err)
		proof, err := tlog.ProveTree(tree.N, old, hashes)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old, root))
		checked++
	}
	for _, path := range os.Args[3:] {
		older := readCheckpoint(path, key)
		proof, err := tlog.ProveTree(tree.N, older.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash))
	}
	fmt.Println(tree.N, len(entries), checked, len(os.Args[3:]))
}
