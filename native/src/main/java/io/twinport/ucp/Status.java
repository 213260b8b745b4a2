package io.twinport.ucp;

/** UCX's status codes ({@code ucs_status_t}, one signed byte) that callers tell apart. */
public final class Status {
  public static final int OK = 0;
  public static final int IN_PROGRESS = 1;
  public static final int NO_MEMORY = -4;
  public static final int UNREACHABLE = -6;
  public static final int INVALID_ADDRESS = -7;
  public static final int NO_DEVICE = -14;
  public static final int BUSY = -15;
  public static final int CANCELED = -16;
  public static final int TIMED_OUT = -20;
  public static final int REJECTED = -23;
  public static final int NOT_CONNECTED = -24;
  public static final int CONNECTION_RESET = -25;
  public static final int ENDPOINT_TIMEOUT = -80;

  private static final long LOWEST = -100;

  private Status() {}

  /** Whether what a call returned in place of a pointer is a failure's status. */
  public static boolean isFailure(long pointer) {
    return pointer < 0 && pointer >= LOWEST;
  }

  /** The text of a status. */
  public static String text(int status) {
    return switch (status) {
      case OK -> "Success";
      case IN_PROGRESS -> "In progress";
      case -1 -> "No pending message";
      case -2 -> "No resources are available";
      case -3 -> "Input/output error";
      case NO_MEMORY -> "Out of memory";
      case -5 -> "Invalid parameter";
      case UNREACHABLE -> "Destination is unreachable";
      case INVALID_ADDRESS -> "Address not valid";
      case -8 -> "Function not implemented";
      case -12 -> "No such element";
      case NO_DEVICE -> "No such device";
      case BUSY -> "Device is busy";
      case CANCELED -> "Request canceled";
      case TIMED_OUT -> "Operation timed out";
      case -21 -> "User-defined limit was reached";
      case -22 -> "Unsupported operation";
      case REJECTED -> "Operation rejected by remote peer";
      case NOT_CONNECTED -> "Endpoint is not connected";
      case CONNECTION_RESET -> "Connection reset by remote peer";
      case ENDPOINT_TIMEOUT -> "Endpoint timeout";
      default -> "Error";
    };
  }
}
