namespace Nspawn.BootTests;

/// <summary>The launcher that is started inside a host; the one place that builds its command lines.</summary>
internal static class NestedLauncher
{
    /// <summary>The published nspawn; <c>NSPAWN_NESTED=systemd-nspawn</c> tries the tests on the host's own.</summary>
    public static readonly string Program =
        Environment.GetEnvironmentVariable("NSPAWN_NESTED") ?? $"{RealHost.Binaries}/{Path.GetFileName(Launcher.Nspawn.Program)}";

    public static readonly bool IsReference = Path.GetFileName(Program) == "systemd-nspawn";

    /// <summary>What it exits with when the error is its own.</summary>
    public static readonly int ErrorStatus = IsReference ? 1 : 125;

    public static IReadOnlyList<string> CommandLine(string name, IEnumerable<string> arguments, bool quiet = true) =>
        [Program, .. quiet ? (string[])["-q"] : [], "-M", name, "-D", TreeOf(name), .. arguments];

    public static string TreeOf(string name) => "/var/lib/machines/" + name;

    /// <summary>Where the reference is known not to do it, with the reason; it is not it that is tested.</summary>
    public static void NotOnReference(string reason) => Need.That(!IsReference, "systemd-nspawn: " + reason);
}
