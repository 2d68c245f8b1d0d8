namespace Nspawn.Core;

/// <summary>A credential for the payload's service manager; systemd-creds(1).</summary>
/// <param name="Name">A valid file name.</param>
/// <param name="Value">The bytes given on the command line; null when they are to be loaded.</param>
/// <param name="LoadFrom">An absolute path of a file or a listening AF_UNIX stream socket on the host; null when given.</param>
public sealed record Credential(string Name, byte[]? Value, string? LoadFrom);
