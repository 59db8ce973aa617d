// Catalog: a web service (serve), a client of one (fetch) and a worker on PostgreSQL (sync). Settings come from the environment.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	_ "github.com/lib/pq"
)

func setting(key, otherwise string) string {
	if value, ok := os.LookupEnv(key); ok {
		return value
	}
	return otherwise
}

func number(key string, otherwise int) int {
	value, err := strconv.Atoi(setting(key, strconv.Itoa(otherwise)))
	if err != nil {
		log.Fatalf("%s: %v", key, err)
	}
	return value
}

func every() time.Duration { return time.Duration(number("EVERY", 3)) * time.Second }

func serve() error {
	delay, held, requests := time.Duration(number("DELAY_MS", 0))*time.Millisecond, []*os.File{}, 0
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		requests++
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			slog.Info("client went away", "path", r.URL.Path, "error", r.Context().Err())
			return
		}
		if leak := setting("LEAK_FILE", ""); leak != "" {
			file, err := os.Open(leak)
			if err != nil {
				slog.Error("cannot read the catalog", "path", leak, "error", err)
				http.Error(w, "catalog unavailable", http.StatusInternalServerError)
				return
			}
			held = append(held, file)
		}
		if one := number("BUSY_ONE_IN", 0); one > 0 && requests%one == 0 {
			http.Error(w, "busy, try again", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, `{"items": %d}`, requests)
	})
	address := setting("LISTEN", ":8080")
	server := &http.Server{Addr: address, Handler: mux}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		slog.Info("shutting down", "error", context.Canceled)
		server.Shutdown(context.Background())
	}()
	slog.Info("catalog listens", "address", address)
	if certificate := setting("TLS_CERT", ""); certificate != "" {
		return server.ListenAndServeTLS(certificate, setting("TLS_KEY", ""))
	}
	return server.ListenAndServe()
}

func fetch() error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if path := setting("CA_FILE", ""); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	client := &http.Client{Transport: transport, Timeout: time.Duration(number("TIMEOUT_MS", 5000)) * time.Millisecond}
	url, retries := setting("TARGET_URL", ""), number("RETRIES", 0)
	for ; ; time.Sleep(every()) {
		for attempt := 0; ; attempt++ {
			err := get(client, url)
			if err == nil {
				slog.Info("catalog refreshed", "url", url)
				break
			}
			if attempt < retries {
				slog.Debug("attempt failed", "url", url, "error", err)
				slog.Info("trying again", "attempt", attempt+1)
				time.Sleep(200 * time.Millisecond)
				continue
			}
			slog.Error("catalog not refreshed", "error", err)
			break
		}
	}
}

func get(client *http.Client, url string) error {
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	if answer.StatusCode >= 400 {
		return fmt.Errorf("GET %s: %s", url, answer.Status)
	}
	return nil
}

func sync() error {
	db, err := sql.Open("postgres", setting("DATABASE_URL", ""))
	if err != nil {
		return err
	}
	statement := setting("STATEMENT", "SELECT count(*) FROM products")
	for hold := number("HOLD", 0); hold > 0; hold-- {
		if _, err := db.Conn(context.Background()); err != nil {
			slog.Warn("pool not filled", "error", err)
		}
	}
	for ; ; time.Sleep(every()) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if _, err := db.ExecContext(ctx, statement); err != nil {
			slog.Error("products not synchronized", "error", err)
		} else {
			slog.Info("products synchronized")
		}
		cancel()
	}
}

func main() {
	level := slog.LevelInfo
	level.UnmarshalText([]byte(setting("LOG_LEVEL", "INFO")))
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level})
	slog.SetDefault(slog.New(handler))
	run, ok := map[string]func() error{"serve": serve, "fetch": fetch, "sync": sync}[os.Args[1]]
	if !ok {
		log.Fatal("usage: catalog serve | fetch | sync")
	}
	if err := run(); err != nil && err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
