// Recorder answers every request that Go's net/http hands to a handler with what it got: method, target, body digest.
//
//	recorder record --listen 127.0.0.1:0 [--log FILE] [--from-fields]
//
// The command line and the answers are those of `signet-bench record`, so that a test can put one in the place of the other.
// With --from-fields method and target are those of the fields X-Method and X-Target: nginx, as a server of its own, says in
// them what it read.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// A handler of ours sees so much of a body, and the rest is read and dropped.
const seen = 16_385

func main() {
	if len(os.Args) < 2 || os.Args[1] != "record" {
		log.Fatal("usage: recorder record --listen HOST:PORT [--log FILE] [--from-fields]")
	}
	flags := flag.NewFlagSet("record", flag.ExitOnError)
	address := flags.String("listen", "127.0.0.1:0", "where to listen")
	file := flags.String("log", "", "one line for each request that reached the handler")
	fromFields := flags.Bool("from-fields", false, "take method and target from X-Method and X-Target")
	flags.Parse(os.Args[2:])

	recorder := &recorder{fromFields: *fromFields, log: io.Discard}
	if *file != "" {
		opened, err := os.OpenFile(*file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			log.Fatal(err)
		}
		recorder.log = opened
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	server := &http.Server{Handler: recorder, ErrorLog: log.New(io.Discard, "", 0)}
	log.Fatal(server.Serve(listener))
}

type recorder struct {
	fromFields bool
	lock       sync.Mutex
	log        io.Writer
}

func (recorder *recorder) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	digest := sha256.New()
	length, err := io.Copy(digest, io.LimitReader(request.Body, seen))
	if err == nil {
		_, err = io.Copy(io.Discard, request.Body)
	}
	if err != nil {
		// net/http calls the handler before it has read the body. A body that cannot be read makes no request.
		answer.Header().Set("Connection", "close")
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	method, target := request.Method, request.RequestURI
	if recorder.fromFields {
		method, target = request.Header.Get("X-Method"), request.Header.Get("X-Target")
	}
	element := fmt.Sprintf(`{"method":%s,"target":%s,"body":"%s","length":%d}`,
		quoted(method), quoted(target), hex.EncodeToString(digest.Sum(nil)), length)
	recorder.lock.Lock()
	fmt.Fprintln(recorder.log, element)
	recorder.lock.Unlock()
	answer.Header().Set("Content-Type", "application/json")
	answer.Header().Set("X-Recorded", element)
	// Without a length nginx closes a connection of HTTP/1.0 that it would keep.
	answer.Header().Set("Content-Length", strconv.Itoa(len(element)+1))
	fmt.Fprintln(answer, element)
}

// quoted makes a JSON string in ASCII of any bytes, each as the code point of its value.
func quoted(bytes string) string {
	var text strings.Builder
	text.WriteByte('"')
	for index := 0; index < len(bytes); index++ {
		if byte := bytes[index]; byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\' {
			fmt.Fprintf(&text, `\u%04x`, byte)
		} else {
			text.WriteByte(byte)
		}
	}
	text.WriteByte('"')
	return text.String()
}
