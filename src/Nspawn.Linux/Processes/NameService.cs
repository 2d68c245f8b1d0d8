namespace Nspawn.Linux;

/// <summary>
/// What the host's name service knows beyond its files: users of a directory, or of systemd-userdbd. getent(1) asks, so that
/// no module of the service is loaded here, and none holds the caller up.
/// </summary>
public static class NameService
{
    private const int Milliseconds = 5000;

    /// <summary>The entry, a line in the form of the database's file; null: there is none, or no answer in five seconds.</summary>
    /// <param name="database">passwd, group or shadow.</param>
    /// <param name="key">The name or the number.</param>
    public static string? Ask(string database, string key)
    {
        try
        {
            ChildEnd end = HostTool.Run(
                ["/usr/bin/getent", "/bin/getent"], ["getent", "--", database, key], StandardDescriptors.Output, Milliseconds, out string answer);
            return end is { Signalled: false, Value: 0 } ? answer.Split('\n')[0] : null;
        }
        catch (SyscallException)
        {
            return null; // there is no getent: a host without a C library's tools
        }
    }
}
