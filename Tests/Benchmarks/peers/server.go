// Go's net/http with nothing round it, on one processor.
package main

import (
	"bytes"
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address and port")
	size := flag.Int("answer", 700, "bytes of the answer")
	certificate := flag.String("certificate", "", "PEM file: TLS")
	key := flag.String("key", "", "PEM file: TLS")
	flag.Parse()
	runtime.GOMAXPROCS(1)

	body := append([]byte(`{"token":"`), bytes.Repeat([]byte("x"), *size-12)...)
	body = append(body, `"}`...)
	length := strconv.Itoa(len(body))
	var count uint64
	handler := http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		// As long as ours, but a counter: the peers pay for no random numbers.
		id := []byte("00000000-0000-4000-8000-000000000000")
		const digits = "0123456789abcdef"
		for index, left := len(id)-1, atomic.AddUint64(&count, 1); index > 23 && left > 0; index, left = index-1, left>>4 {
			id[index] = digits[left&15]
		}
		fields := writer.Header()
		fields.Set("Content-Type", "application/json")
		fields.Set("Content-Length", length)
		fields.Set("X-Request-Id", string(id))
		writer.Write(body)
	})

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	os.Stdout.Sync()
	server := http.Server{Handler: handler, ErrorLog: log.New(nowhere{}, "", 0)}
	if *certificate != "" {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		log.Fatal(server.ServeTLS(listener, *certificate, *key))
	}
	log.Fatal(server.Serve(listener))
}

type nowhere struct{}

func (nowhere) Write(text []byte) (int, error) { return len(text), nil }
