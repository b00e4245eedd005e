// Tls_client asks a server for three things over one connection, and once more over another, and prints what it found as JSON.
//
//	tls_client ADDRESS CA-FILE 1.2|1.3
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"
)

type found struct {
	Version  string   `json:"version"`
	Protocol string   `json:"protocol"`
	Chain    int      `json:"chain"`
	Asked    []string `json:"asked"`
	Reused   []bool   `json:"reused"`
	Resumed  []bool   `json:"resumed"`
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: tls_client ADDRESS CA-FILE 1.2|1.3")
	}
	pem, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		log.Fatal("no certificate in ", os.Args[2])
	}
	version := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[os.Args[3]]
	transport := &http.Transport{
		// It offers h2 and http/1.1.
		ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{
			RootCAs: pool, MinVersion: version, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4),
		},
	}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	result := found{}
	url := "https://" + os.Args[1]
	result.ask(client, "GET", url+"/go", nil)
	result.ask(client, "POST", url+"/go/body", bytes.NewReader(make([]byte, 10_000)))
	// A body of unknown length is sent in chunks.
	result.ask(client, "POST", url+"/go/chunks", io.MultiReader(bytes.NewReader(make([]byte, 10_000))))
	transport.CloseIdleConnections()
	result.ask(client, "GET", url+"/go/again", nil)
	json.NewEncoder(os.Stdout).Encode(result)
}

func (result *found) ask(client *http.Client, method, url string, body io.Reader) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		log.Fatal(err)
	}
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { result.Reused = append(result.Reused, info.Reused) },
	}
	response, err := client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		log.Fatal(response.Status, err)
	}
	var said struct {
		Method, Target string
		Length         int
	}
	if err := json.Unmarshal(text, &said); err != nil {
		log.Fatal(err)
	}
	result.Asked = append(result.Asked, fmt.Sprintf("%s %s %d", said.Method, said.Target, said.Length))
	result.Resumed = append(result.Resumed, response.TLS.DidResume)
	result.Version = map[uint16]string{tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"}[response.TLS.Version]
	result.Protocol = response.TLS.NegotiatedProtocol
	if !response.TLS.DidResume {
		result.Chain = len(response.TLS.PeerCertificates)
	}
}
