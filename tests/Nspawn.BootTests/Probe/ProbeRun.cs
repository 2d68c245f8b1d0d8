using System.Collections.Concurrent;

namespace Nspawn.BootTests;

/// <summary>In which place the probe runs.</summary>
public enum ProbePlace
{
    /// <summary>As the payload.</summary>
    Pid1,

    /// <summary>As the payload of --as-pid2.</summary>
    Pid2,

    /// <summary>In a service of a booted guest, looking at systemd as PID 1.</summary>
    Booted,
}

/// <summary>Runs probe.pl in a Debian tree; each kind of run once, however many tests ask about it.</summary>
internal static class ProbeRun
{
    public const string Machine = "11223344-5566-4788-99aa-bbccddeeff00";

    private static readonly ConcurrentDictionary<(ProbePlace Place, string Options), Facts> s_done = new();

    /// <summary>The facts under nspawn.</summary>
    public static Facts Nspawn(ProbePlace place = ProbePlace.Pid1, params string[] options) =>
        s_done.GetOrAdd((place, string.Join(' ', options)), _ =>
        {
            using Scratch scratch = new("trixie");
            return Of(Launcher.Nspawn, scratch, place, options);
        });

    public static Facts Of(Launcher launcher, Scratch scratch, ProbePlace place, params string[] options)
    {
        scratch.WriteProgram("/probe.pl", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Probe/probe.pl")));
        if (place == ProbePlace.Booted)
        {
            // Standard output is the console by then, and the service has no input, as services have none.
            BootReport.InjectInto(scratch, "/probe.pl 1");
        }

        string[] payload = place switch
        {
            ProbePlace.Pid1 => ["/probe.pl"],
            ProbePlace.Pid2 => ["-a", "/probe.pl"],
            _ => ["-b"],
        };
        return Facts.In(launcher.Run(scratch, ["--uuid=" + Machine, .. options, .. payload], TimeSpan.FromSeconds(90)));
    }
}
