using System.Diagnostics;
using Nspawn.Core;

namespace Nspawn;

/// <summary>The verbs about machines that run.</summary>
internal static class MachineVerbs
{
    /// <returns>The exit status.</returns>
    public static int CarryOut(MachineRequest request) => request switch
    {
        MachineRequest.List list => List(list.Json),
        MachineRequest.Execute execute => Execute(execute),
        _ => throw new UnreachableException(request.GetType().Name),
    };

    private static int List(bool json)
    {
        RunningMachines.CheckRoot();
        List<RunningMachine> machines = RunningMachines.All();
        Output.Print(json ? MachineList.Json(machines) : MachineList.Text(machines));
        machines.ForEach(machine => machine.Dispose());
        return 0;
    }

    private static int Execute(MachineRequest.Execute request)
    {
        using RunningMachine machine = RunningMachines.Find(request.Machine);
        return EntrySession.Run(machine, request);
    }
}
