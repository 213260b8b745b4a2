package io.twinport.posix;

/**
 * Who is at the other end of a UNIX-domain socket, as the kernel recorded it at {@code connect} or
 * {@code listen} ({@code SO_PEERCRED}, {@code unix(7)}) and translated into the namespaces of the
 * asking process.
 *
 * @param pid 0 if the peer's process is not visible from this pid namespace: never a key
 * @param uid unsigned; {@link UserIds#overflow} stands for anybody who is not mapped here
 * @param gid unsigned
 */
public record Credentials(int pid, long uid, long gid) {}
