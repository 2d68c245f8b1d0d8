using System.Diagnostics;
using Nspawn.Core;

namespace Nspawn;

/// <summary>The verbs about machines that run.</summary>
internal static class MachineVerbs
{
    /// <summary>Who waits may be quicker than a launch that has just begun.</summary>
    private const int AppearingMilliseconds = 1000;

    /// <returns>The exit status.</returns>
    public static int CarryOut(MachineRequest request) => request switch
    {
        MachineRequest.List list => List(list.Json),
        MachineRequest.Execute execute => In(execute.Machine, machine => EntrySession.Run(machine, execute)),
        MachineRequest.Wait wait => In(wait.Machine, machine => MachineWait.Run(machine, wait), AppearingMilliseconds),
        MachineRequest.Stop stop => In(stop.Machine, machine => MachineStop.Run(machine, stop)),
        MachineRequest.Logs logs => In(logs.Machine, machine => MachineLogs.Run(machine, logs)),
        _ => throw new UnreachableException(request.GetType().Name),
    };

    private static int List(bool json)
    {
        List<RunningMachine> machines = RunningMachines.All();
        Output.Print(json ? MachineList.Json(machines) : MachineList.Text(machines));
        machines.ForEach(machine => machine.Dispose());
        return 0;
    }

    private static int In(string? name, Func<RunningMachine, int> deed, int patience = 0)
    {
        using RunningMachine machine = RunningMachines.Find(name, patience);
        return deed(machine);
    }
}
