package io.twinport.agent.commands;

import io.twinport.config.Log;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;

/** Standard output, which remembers that it failed: writers keep that to themselves. */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private IOException failure;

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  /** A writer to it, in the terminal's character set. */
  PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(this, charset()));
  }

  static Charset charset() {
    for (String property :
        new String[] {"stdout.encoding", "sun.stdout.encoding", "native.encoding"}) {
      String name = System.getProperty(property);
      try {
        if (name != null && Charset.isSupported(name)) {
          return Charset.forName(name);
        }
      } catch (IllegalCharsetNameException e) {
        Log.debug(() -> property + " is no character set: " + name);
      }
    }
    return Charset.defaultCharset();
  }

  /**
   * Why not all was written; null if it was. A pipe whose reader has gone is none of the user's
   * troubles, and is told by the exit code alone.
   */
  IOException failure() {
    return failure;
  }

  /** Whether it failed because the reader of a pipe has gone. */
  boolean isBrokenPipe() {
    return failure != null && String.valueOf(failure.getMessage()).contains("Broken pipe");
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    try {
      out.write(bytes, offset, count);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
