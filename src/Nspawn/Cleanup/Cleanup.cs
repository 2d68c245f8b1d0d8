using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The option --cleanup in a launch's place.</summary>
internal static class Cleanup
{
    public static void Of(Settings settings)
    {
        if (Processes.EffectiveUid != 0)
        {
            throw new LaunchException("must be started as root: run it with sudo");
        }

        if (!Rootless.IsSo)
        {
            NetworkLedger.MendAll();
        }

        new StaleRuns(settings.Machine ?? NameOfTree(settings)).Remove(HostReader.ReadTemporary(Environment.GetEnvironmentVariable));
    }

    private static string NameOfTree(Settings settings) => MachineNameOfTree.From(OpenTree.SourceOf(settings), HostReader.ReadHostname());
}
