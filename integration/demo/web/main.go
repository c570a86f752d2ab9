// Web is the web server of the demonstration, and its client:
//
//	web ADDRESS        serves, and prints a line for each request
//	web get ADDRESS    asks once, and prints the answer
//	web free           prints an address that nobody serves
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "free":
		err = free()
	case len(os.Args) == 2:
		err = serve(os.Args[1])
	case len(os.Args) == 3 && os.Args[1] == "get":
		err = get(os.Args[2])
	default:
		err = fmt.Errorf("usage: web free | [get] address")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func serve(address string) error {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("request for", r.URL.Path)
		fmt.Fprintf(w, "hello from process %d\n", os.Getpid())
	})
	fmt.Println("serving", address)
	return http.ListenAndServe(address, nil)
}

func get(address string) error {
	response, err := http.Get("http://" + address + "/")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

func free() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return listener.Close()
}
