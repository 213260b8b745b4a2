package io.twinport.it.places;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of a {@link Guest}. Three shells serve it: one becomes the process, with its input and
 * output; the others read its errors and its status from fifos.
 */
final class GuestProcess extends Process {
  private final Guest guest;
  private final Socket main;
  private final Socket errors;
  private final Socket ending;
  private final long pid;

  /** The status as the shell writes it, as far as it has come. */
  private String status = "";

  private boolean ended;

  GuestProcess(Guest guest, String name, List<String> command) throws IOException {
    this.guest = guest;
    String errorFifo = name + ".errors";
    String endFifo = name + ".end";
    String start = "echo $$; exec " + Guest.quote(command);
    main =
        guest.shell(
            "mkfifo %1$s %2$s; echo made; sh -c %3$s 2>%1$s; echo $? >%2$s"
                .formatted(errorFifo, endFifo, Guest.quote(List.of(start))));
    main.setSoTimeout((int) guest.patience().toMillis());
    String made = line(main.getInputStream());
    if (!made.equals("made")) {
      throw new IOException(name + ": " + made);
    }
    errors = guest.shell("exec cat " + errorFifo);
    ending = guest.shell("cat %s; rm %1$s %s".formatted(endFifo, errorFifo));
    pid = Long.parseLong(line(main.getInputStream()));
    main.setSoTimeout(0); // From now on it is the program that speaks.
  }

  /** Reads a line and no byte more. */
  private static String line(InputStream input) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = input.read(); next != '\n'; next = input.read()) {
      if (next < 0) {
        throw new IOException("the guest's shell ended: " + line);
      }
      line.append((char) next);
    }
    return line.toString();
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int oneByte) throws IOException {
        main.getOutputStream().write(oneByte);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        main.getOutputStream().write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        // The output still comes in.
        main.shutdownOutput();
      }
    };
  }

  @Override
  public InputStream getInputStream() {
    return stream(main);
  }

  @Override
  public InputStream getErrorStream() {
    return stream(errors);
  }

  private static InputStream stream(Socket socket) {
    try {
      return socket.getInputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int waitFor() throws InterruptedException {
    while (!waitFor(1, TimeUnit.HOURS)) {}
    return exitValue();
  }

  @Override
  public synchronized boolean waitFor(long time, TimeUnit unit) throws InterruptedException {
    try {
      ending.setSoTimeout((int) Math.max(1, unit.toMillis(time)));
      status();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void status() throws IOException {
    while (!ended) {
      int next = ending.getInputStream().read();
      if (next < 0) {
        ended = true;
      } else {
        status += (char) next;
      }
    }
  }

  @Override
  public synchronized int exitValue() {
    if (!ended) {
      throw new IllegalThreadStateException("process " + pid + " has not ended");
    }
    // A guest that was cut off says nothing.
    return status.isBlank() ? -1 : Integer.parseInt(status.strip());
  }

  @Override
  public void destroy() {
    signal("TERM");
  }

  @Override
  public Process destroyForcibly() {
    signal("KILL");
    return this;
  }

  private void signal(String name) {
    try {
      guest.ask("kill -" + name + " " + pid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
