package io.twinport.agent.pcap;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;

/**
 * Where a capture is written: a file, several of which the oldest is deleted, or standard output.
 * Nobody but their owner can read the files, as there may be secrets in them.
 */
public final class CaptureFiles implements Closeable {
  private static final int BUFFER = 1 << 20;
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rw-------");

  /**
   * What stands in front of each file.
   *
   * @param snaplen the most bytes that are kept of a packet
   */
  public record Header(String program, String name, String description, int snaplen) {}

  private final Path file;
  private final int mostFiles;
  private final long mostBytes;
  private final boolean overwrites;
  private final Deque<Path> written = new ArrayDeque<>();

  private Header header;
  private OutputStream out;
  private PcapngWriter writer;
  private int number;

  /** The last file, if it was not there before. */
  private Path created;

  /** Packets in the current file; those that came and those that are missing, in all. */
  private long inFile;

  private long packets;
  private long missing;
  private long missingBefore;
  private long bytes;

  private IOException failure;

  /** When the current file has begun, and when its last packet was. */
  private long from;

  private long last;

  private CaptureFiles(Path file, int mostFiles, long mostBytes, boolean overwrites) {
    this.file = file;
    this.mostFiles = mostFiles;
    this.mostBytes = mostBytes;
    this.overwrites = overwrites;
  }

  /** Writes to standard output. */
  public static CaptureFiles standardOutput() {
    return new CaptureFiles(null, 1, Long.MAX_VALUE, false);
  }

  /**
   * Writes to a file.
   *
   * @param mostFiles 1, or how many files are kept, which have a number in their names
   * @param mostBytes how large a file gets before the next one begins
   * @param overwrites whether files that are there are lost
   */
  public static CaptureFiles to(Path file, int mostFiles, long mostBytes, boolean overwrites) {
    return new CaptureFiles(file, mostFiles, mostBytes, overwrites);
  }

  /**
   * Opens the first file, before there is anything to write: what can't be written is told now.
   *
   * @throws IOException if it can't be written; its message is for the user
   */
  public void open() throws IOException {
    if (file == null) {
      out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER);
    } else {
      openNext();
    }
  }

  /**
   * Begins to write.
   *
   * @param now nanoseconds since 1970
   */
  public void begin(Header first, long now) throws IOException {
    header = first;
    from = now;
    last = now;
    beginSection();
  }

  private void beginSection() throws IOException {
    try {
      writer = new PcapngWriter(out);
      writer.begin(header.program(), header.name(), header.description(), header.snaplen());
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void openNext() throws IOException {
    Path next = mostFiles == 1 ? file : numbered(++number);
    try {
      out = new BufferedOutputStream(Channels.newOutputStream(channel(next)), BUFFER);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(next + " exists; --overwrite writes over it", e);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no folder for " + next, e);
    } catch (AccessDeniedException e) {
      throw new IOException(next + " can't be written: permission denied", e);
    } catch (FileSystemException e) {
      String why = e.getReason() == null ? "it can't be opened" : e.getReason();
      throw new IOException(next + " can't be written: " + why, e);
    }
    if (mostFiles > 1) {
      written.add(next);
      if (written.size() > mostFiles) {
        Files.deleteIfExists(written.remove());
      }
    }
  }

  private FileChannel channel(Path next) throws IOException {
    if (Files.isDirectory(next)) {
      throw new FileSystemException(next.toString(), null, "it is a directory");
    }
    if (Files.exists(next) && !Files.isRegularFile(next)) {
      return FileChannel.open(next, StandardOpenOption.WRITE); // A pipe, or a device.
    }
    boolean isNew = !overwrites || !Files.exists(next, LinkOption.NOFOLLOW_LINKS);
    Set<OpenOption> options =
        isNew
            ? Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)
            : Set.of(StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    FileChannel opened =
        FileChannel.open(next, options, PosixFilePermissions.asFileAttribute(OWNERS));
    created = isNew ? next : null;
    return opened;
  }

  /** {@code name-00001.pcapng} for {@code name.pcapng}. */
  private Path numbered(int which) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    String full =
        String.format(Locale.ROOT, "%s-%05d%s", name.substring(0, end), which, name.substring(end));
    return file.resolveSibling(full);
  }

  /**
   * Writes a packet.
   *
   * @param now nanoseconds since 1970
   */
  void packet(long now, TcpPacket packet, boolean outbound, String comment) throws IOException {
    int kept = Math.min(packet.kept(), header.snaplen());
    if (inFile > 0 && writer.written() + kept > mostBytes) {
      close();
      openNext();
      from = now;
      beginSection();
    }
    try {
      writer.packet(now, packet.bytes(), kept, packet.length(), outbound, comment);
    } catch (IOException e) {
      throw failed(e);
    }
    last = now;
    inFile++;
    packets++;
    bytes += packet.length();
  }

  /** Notes how many packets are missing so far. */
  void missing(long count) throws IOException {
    if (count != missing) {
      missing = count;
      statistics();
    }
  }

  private void statistics() throws IOException {
    try {
      long missingHere = missing - missingBefore;
      writer.statistics(from, last, inFile + missingHere, missingHere);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Has what was written be seen by whoever reads the file. */
  void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void endFile() throws IOException {
    statistics();
    missingBefore = missing;
    inFile = 0;
    out.close();
    out = null;
  }

  /** Says what could not be written, once. */
  private IOException failed(IOException e) {
    if (e != failure) {
      String what = file == null ? "standard output" : file.toString();
      failure = new IOException(what + " can't be written: " + e.getMessage(), e);
    }
    return failure;
  }

  /** Packets written, in all files. */
  public long packets() {
    return packets;
  }

  /** Bytes that these packets had. */
  public long bytes() {
    return bytes;
  }

  /** Packets that are missing. */
  public long missing() {
    return missing;
  }

  /** Closes and deletes a file that nothing was written to. */
  public void discard() throws IOException {
    if (out != null && writer == null) {
      out.close();
      out = null;
      if (created != null) {
        Files.deleteIfExists(created);
      }
    }
  }

  /** Writes how many packets there were, and closes the file; may be called again. */
  @Override
  public void close() throws IOException {
    if (out == null) {
      return;
    }
    try {
      if (writer != null) {
        endFile();
      } else {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
