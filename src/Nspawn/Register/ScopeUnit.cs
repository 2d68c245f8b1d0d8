using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's scope unit: started with the leader in it, ended by the service manager as soon as nothing runs in
/// it. The launcher is its controller, so the service manager asks the launcher before it stops the scope.
/// </summary>
internal sealed class ScopeUnit
{
    private const string Systemd = "org.freedesktop.systemd1";
    private const string SystemdPath = "/org/freedesktop/systemd1";
    private const string Interface = Systemd + ".Manager";
    private const string ScopeInterface = Systemd + ".Scope";
    private const string UnitExists = Systemd + ".UnitExists";
    private const string JobFailed = Systemd + ".JobFailed";
    private const int RetryMilliseconds = 20;
    private const int NoticingMilliseconds = 200;
    private const int EndingMilliseconds = 5000;

    private readonly Bus _bus;
    private readonly string _name;
    private readonly TimeSpan _patience;

    private ScopeUnit(Bus bus, string name, bool insists = false) =>
        (_bus, _name, _patience) = (bus, name, insists ? SystemBus.Starting : SystemBus.Answering);

    /// <summary>Starts the scope and waits until the leader is in it.</summary>
    /// <exception cref="BusException">It cannot be started.</exception>
    public static ScopeUnit Start(Bus bus, MakeScope make, SafeFileHandle leader, int pid)
    {
        ScopeUnit scope = new(bus, make.Unit, insists: !make.Optional);
        string rule = $"type='signal',sender='{Systemd}',interface='{Interface}',member='JobRemoved',arg2='{make.Unit}'";
        scope.Match("AddMatch", rule);
        try
        {
            scope.AwaitJob(scope.Start(make, leader, pid));
        }
        finally
        {
            scope.Match("RemoveMatch", rule); // from now on jobs of others wake nobody
        }

        return scope;
    }

    /// <summary>
    /// In the place of a launcher that was killed: a scope whose leader died while it was being started stays, empty. One
    /// that is not empty is somebody else's.
    /// </summary>
    public static void EndLeftover(string unit, string? userBus)
    {
        using Bus? bus = Bus.TryConnect(SystemBus.Connecting, out _, userBus);
        if (bus is null)
        {
            return;
        }

        ScopeUnit scope = new(bus, unit);
        if (scope.Property("Scope", "ControlGroup") is string group && CgroupReader.IsEmpty(group))
        {
            scope.End();
        }
    }

    /// <summary>Another scope has the name.</summary>
    public static bool IsTaken(Exception failure) => failure is BusException { Name: UnitExists };

    /// <summary>The service manager wants the scope stopped.</summary>
    public static bool IsStopRequest(BusMessage message) => message.IsSignal(ScopeInterface, "RequestStop");

    /// <summary>
    /// Lets go of the scope once its processes are gone: it is no longer asked for, and nothing of it stays loaded.
    /// </summary>
    public void End()
    {
        Tell("AbandonScope", _ => { }); // else the service manager would wait for this launcher to stop it
        Tell("StopUnit", message => message.Append("replace"));
        try
        {
            using BusMessage call = _bus.NewCall(Systemd, SystemdPath, Interface, "UnrefUnit").Append(_name);
            // With an answer: by then all of it is done, and the name is free for the next.
            _bus.Call(call, SystemBus.Ending).Dispose();
        }
        catch (BusException)
        {
            // Never referenced, or gone with the bus: the service manager drops what nobody refers to.
        }
    }

    private string Start(MakeScope make, SafeFileHandle leader, int pid)
    {
        bool newest = true;
        long begun = Environment.TickCount64;
        while (true)
        {
            try
            {
                using BusMessage call = Call(make, newest, leader, pid);
                using BusMessage reply = _bus.Call(call, _patience);
                return reply.ReadText('o');
            }
            catch (BusException failure) when (failure.IsUnknownProperty && newest)
            {
                newest = false;
            }
            catch (BusException failure) when (failure.IsTimeout)
            {
                Tell("StopUnit", message => message.Append("replace")); // not later either, when nobody waits for it
                throw new BusException(failure.Name, "the service manager does not answer");
            }
            catch (BusException failure) when (
                failure.Name == UnitExists && Environment.TickCount64 - begun < (IsEnding() ? EndingMilliseconds : NoticingMilliseconds))
            {
                // The scope of a machine of the same name that has just ended, perhaps so lately that the service manager
                // does not know yet.
                _ = Poll.Wait([], RetryMilliseconds);
            }
        }
    }

    private BusMessage Call(MakeScope make, bool newest, SafeFileHandle leader, int pid)
    {
        BusMessage call = _bus.NewCall(Systemd, SystemdPath, Interface, "StartTransientUnit")
            .Append(make.Unit).Append("fail").OpenArray("(sv)");
        _ = newest
            ? call.OpenStruct("sv").Append("PIDFDs").OpenVariant("ah").OpenArray("h").Append(leader).Close().Close().Close()
            : call.OpenStruct("sv").Append("PIDs").OpenVariant("au").OpenArray("u").Append((uint)pid).Close().Close().Close();
        UnitMessage.Append(call, new UnitProperty("Controller", new UnitValue.Text(_bus.UniqueName)));
        foreach (UnitProperty property in make.Properties)
        {
            if (newest || !property.WhereKnown)
            {
                UnitMessage.Append(call, property);
            }
        }

        return call.Close().OpenArray("(sa(sv))").Close(); // and no auxiliary units
    }

    // One that is gone meanwhile has ended.
    private bool IsEnding() => Property("Unit", "ActiveState") is null or "inactive" or "failed" or "deactivating";

    /// <summary>A property of the unit; null when it is not there.</summary>
    private string? Property(string @interface, string name)
    {
        try
        {
            using BusMessage call = _bus.NewCall(Systemd, SystemdPath, Interface, "GetUnit").Append(_name);
            using BusMessage reply = _bus.Call(call, SystemBus.Ending);
            using BusMessage ask = _bus.NewCall(Systemd, reply.ReadText('o'), "org.freedesktop.DBus.Properties", "Get")
                .Append($"{Systemd}.{@interface}").Append(name);
            using BusMessage value = _bus.Call(ask, SystemBus.Ending);
            return value.ReadVariantText();
        }
        catch (BusException)
        {
            return null;
        }
    }

    private void AwaitJob(string job)
    {
        long deadline = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        while (true)
        {
            using BusMessage? message = _bus.Await(deadline);
            if (message is null)
            {
                End();
                throw new BusException("", $"the service manager does not start {_name}");
            }

            if (!message.IsSignal(Interface, "JobRemoved"))
            {
                continue;
            }

            _ = message.ReadUInt32();
            if (message.ReadText('o') != job)
            {
                continue;
            }

            _ = message.ReadText();
            string result = message.ReadText();
            if (result != "done")
            {
                End();
                throw new BusException(JobFailed, $"starting {_name} ended with: {result}");
            }

            return;
        }
    }

    private void Match(string method, string rule)
    {
        using BusMessage call = _bus.NewCall(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method).Append(rule);
        _bus.Send(call);
    }

    private void Tell(string method, Action<BusMessage> append)
    {
        using BusMessage call = _bus.NewCall(Systemd, SystemdPath, Interface, method).Append(_name);
        append(call);
        _bus.Send(call);
    }
}
