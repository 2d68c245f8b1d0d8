using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Carries out the plan's steps on the host's network and the container's, while the leader waits.</summary>
internal sealed class NetworkBuilder(Child leader, Plan plan, HostFacts host, UndoJournal undo) : IDisposable
{
    private const int DyingLinkMilliseconds = 500;

    private RouteSocket? _host;
    private SafeFileHandle? _inside;
    private NetworkLedger? _ledger;
    private LinkServer? _server;
    private PortForwarder? _ports;

    /// <summary>The host's interfaces by which the container is reached: the bridge's, where there is one.</summary>
    public List<int> Interfaces { get; } = [];

    /// <summary>What has to be looked after while the container lives; null: nothing.</summary>
    public NetworkWatch? Watch => _server is null && _ports is null ? null : new NetworkWatch(_server, _ports);

    public void CarryOut(Step step)
    {
        try
        {
            Do(step);
        }
        catch (SyscallException failure) when (step.Optional)
        {
            Complain.Line($"{StepText.Of(step)}: {failure.Message}");
        }
        catch (SyscallException failure)
        {
            throw StepText.Failed(step, failure.Message, failure.Errno);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _ports?.Dispose();
        _inside?.Dispose();
        _host?.Dispose();
        _ledger?.Dispose();
    }

    private RouteSocket Host => _host ??= new RouteSocket();

    private SafeFileHandle Inside => _inside ??= Namespaces.OpenNetworkOf(leader.Pid);

    private NetworkLedger Ledger => _ledger ?? throw new UnreachableException();

    private void Do(Step step)
    {
        switch (step)
        {
            case KeepNetworkLedger keep:
                _ledger = new NetworkLedger(keep.Directory, keep.Name, undo);
                break;
            case MoveInterface move:
                MovedInterface.Pin(move.Pin, Inside, Ledger);
                MovedInterface.Take(move, Host, Inside, Ledger);
                break;
            case MakeVeth { IsZone: true } make:
                using (ZoneBridge.Lock())
                {
                    Make(make, ZoneBridge.Join(make.Bridge!, Host, host.MachineId, Ledger));
                }

                break;
            case MakeVeth { Bridge: string bridge } make:
                Make(make, (Host.LinkOf(bridge) ?? throw new LaunchException($"the host's bridge {bridge} is gone")).Index);
                break;
            case MakeVeth make:
                Make(make, master: 0);
                break;
            case MakeMacvlan make:
                Host.MakeMacvlan(IndexOf(make.Parent), new NewLink(make.Name, AddressOf(make.Address)), Inside);
                break;
            case MakeIpvlan make:
                Host.MakeIpvlan(IndexOf(make.Parent), new NewLink(make.Name, null), Inside);
                break;
            case ServeLink serve:
                _server = new LinkServer(serve, Host, host.MachineId, plan.Machine, Inside, Ledger);
                break;
            case ForwardPorts forward:
                _ports = new PortForwarder(forward, Inside, Ledger);
                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void Make(MakeVeth make, int master)
    {
        Ledger.Record(new UndoStep.RemoveLink(make.HostName));
        NewLink here = new(make.HostName, AddressOf(make.HostAddress)), there = new(make.Name, AddressOf(make.Address));
        for (long start = Environment.TickCount64; ; Thread.Sleep(10))
        {
            try
            {
                Host.MakeVeth(here, there, Inside, master);
                break;
            }
            catch (SyscallException failure) when (failure.Errno == Errno.EEXIST && Environment.TickCount64 - start < DyingLinkMilliseconds)
            {
                // That of the machine's last run, whose network the kernel has not finished with.
            }
        }

        if (make.AltName is string whole)
        {
            Host.AddAltName(make.HostName, whole);
        }

        Interfaces.Add(master != 0 ? master : IndexOf(make.HostName));
    }

    private int IndexOf(string name) =>
        (Host.LinkOf(name) ?? throw new LaunchException($"the host's interface {name} is gone")).Index;

    private static ReadOnlyMemory<byte>? AddressOf(string? text) =>
        text is not null && MacAddresses.Parse(text) is byte[] bytes ? new ReadOnlyMemory<byte>(bytes) : null;
}
