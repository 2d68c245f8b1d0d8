namespace Nspawn.Core;

/// <summary>
/// The name the program was called by (argv[0]). A directory early in $PATH with a link of the name systemd-nspawn
/// puts this launcher in that one's place; callers then find everything as they expect it.
/// </summary>
public static class ProgramName
{
    /// <summary>The release of systemd whose options and habits are followed; callers choose what they pass by it.</summary>
    public const int SystemdVersion = 257;

    public static string Version { get; } =
        typeof(ProgramName).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    public static bool IsSystemdNspawn(string programName) => Of(programName) == "systemd-nspawn";

    public static string Of(string programName) => programName[(programName.LastIndexOf('/') + 1)..];

    /// <summary><c>--version</c>; callers of systemd-nspawn take the second word of the first line for a number.</summary>
    public static string VersionText(string programName) => IsSystemdNspawn(programName)
        ? $"systemd {SystemdVersion} (nspawn {Version})\n"
        : $"nspawn {Version}\n";
}
