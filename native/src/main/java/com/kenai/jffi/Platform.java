package com.kenai.jffi;

/**
 * Stands in the place of jffi's class of this name, for the two machines that this product runs on.
 * That one finds out by regular expressions and six classes more, for which the first listener of a
 * process would wait. Has what jffi and JNR-FFI ask for.
 */
public final class Platform {
  /** Operating systems. */
  public enum OS {
    LINUX,
    WINDOWS
  }

  /** Processors. */
  public enum CPU {
    I386(32),
    X86_64(64),
    AARCH64(64);

    /** The bits of an address. */
    public final int dataModel;

    CPU(int dataModel) {
      this.dataModel = dataModel;
    }
  }

  private static final Platform PLATFORM = new Platform();

  private final CPU cpu = System.getProperty("os.arch").equals("amd64") ? CPU.X86_64 : CPU.AARCH64;

  private Platform() {}

  public static Platform getPlatform() {
    return PLATFORM;
  }

  public OS getOS() {
    return OS.LINUX;
  }

  public CPU getCPU() {
    return cpu;
  }

  public int addressSize() {
    return cpu.dataModel;
  }

  public long addressMask() {
    return -1;
  }

  public int getJavaMajorVersion() {
    return Runtime.version().feature();
  }
}
