package io.twinport.posix;

/** Makes a kernel of this one that can't keep descriptors off a socket, as before Linux 6.16. */
public final class OldKernel implements AutoCloseable {
  private static final int NO_OPTION = 9999;

  private final int before;

  private OldKernel(int before) {
    this.before = before;
  }

  public static OldKernel pretend() {
    OldKernel kernel = new OldKernel(UnixSocket.passRights);
    UnixSocket.passRights = NO_OPTION;
    return kernel;
  }

  @Override
  public void close() {
    UnixSocket.passRights = before;
  }
}
