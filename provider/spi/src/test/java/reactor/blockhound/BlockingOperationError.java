package reactor.blockhound;

/** By the name of what BlockHound throws. */
public final class BlockingOperationError extends Error {
  private static final long serialVersionUID = 1;
}
