using CsCheck;
using Serve.Eval;
using Serve.Inference.Repository;

namespace Serve.Inference.Tests.Repository;

/// <summary>Any sequence of operations leaves the repository in agreement with a model of it that is a few dictionaries.</summary>
public sealed class RandomOperationsTests
{
    private const int Sequences = 20;
    private const int Operations = 50;
    private static readonly string[] Names = ["ant", "bee"];

    private enum Kind
    {
        Put,
        PutBroken,
        Delete,
        Load,
        Unload,
        Use,
        UseVersion,
        Hold,
        Release,
        WriteFiles,
        RemoveFiles,
    }

    private sealed record Operation(Kind Kind, string Name, int Version, double Threshold);

    [Fact]
    public async Task A_thousand_random_operations_keep_files_states_and_answers_together()
    {
        var operation = Gen.Select(
            Gen.Enum<Kind>(), Gen.OneOfConst(Names), Gen.Int[1, 3], Gen.Int[1, 9],
            (kind, name, version, tenths) => new Operation(kind, name, version, tenths / 10.0));

        await operation.Array[Operations].SampleAsync(RunAsync, seed: "0N0XIzNsQ0O2", iter: Sequences, threads: 1);
    }

    private static async Task RunAsync(Operation[] operations)
    {
        using var folder = new ModelsFolder();
        await using var models = folder.Open();
        var world = new World(folder, models);
        foreach (var operation in operations)
        {
            await world.DoAsync(operation);
            world.Check();
        }

        await world.EndAsync();
    }

    /// <summary>What must be so, kept beside the repository.</summary>
    private sealed class World(ModelsFolder folder, ModelRepository models)
    {
        /// <summary>The threshold of what lies on disk; null where that is broken.</summary>
        private readonly Dictionary<(string, int), double> _files = [];
        private readonly HashSet<(string, int)> _heldOut = [];
        private readonly List<(ModelLease Lease, double Threshold)> _leases = [];

        private static CancellationToken Ct => TestContext.Current.CancellationToken;

        public async Task DoAsync(Operation operation)
        {
            var (name, version, key) = (operation.Name, operation.Version, (operation.Name, operation.Version));
            switch (operation.Kind)
            {
                case Kind.Put:
                    if (await PutAsync(operation, broken: false) is not { Outcome: PutOutcome.Unchanged })
                        _heldOut.Remove(key);
                    _files[key] = operation.Threshold;
                    break;
                case Kind.PutBroken:
                    await Assert.ThrowsAsync<InvalidInputException>(() => PutAsync(operation, broken: true));
                    break;
                case Kind.Delete:
                    await AgreesAsync(_files.ContainsKey(key), () => DeleteAsync(name, version));
                    _files.Remove(key);
                    _heldOut.Remove(key);
                    break;
                case Kind.Load:
                    await AgreesAsync(_files.ContainsKey(key), () => models.LoadAsync(name, version, Ct));
                    _heldOut.Remove(key);
                    break;
                case Kind.Unload:
                    await AgreesAsync(_files.ContainsKey(key), () => UnloadAsync(name, version));
                    if (_files.ContainsKey(key))
                        _heldOut.Add(key);
                    break;
                case Kind.Use:
                    await UseAsync(name, null, keep: false);
                    break;
                case Kind.UseVersion:
                    await UseAsync(name, version, keep: false);
                    break;
                case Kind.Hold:
                    await UseAsync(name, version, keep: true);
                    break;
                case Kind.Release when _leases.Count > 0:
                    _leases[0].Lease.Dispose();
                    _leases.RemoveAt(0);
                    break;
                case Kind.WriteFiles:
                    folder.Write(name, version, operation.Threshold);
                    models.Refresh();
                    _files[key] = operation.Threshold;
                    await IdleAsync(name, version);
                    break;
                case Kind.RemoveFiles when _files.Remove(key):
                    Directory.Delete(folder.File($"{name}/{version}"), recursive: true);
                    models.Refresh();
                    _heldOut.Remove(key);
                    break;
            }
        }

        public void Check()
        {
            var listed = models.Versions.Where(version => version.State != ModelState.Unloading).ToList();
            Assert.Equal(_files.Keys.Order(), models.Versions.Select(version => (version.Name, version.Version)).Where(_files.ContainsKey).Order());
            Assert.All(listed, version => Assert.True(_files.ContainsKey((version.Name, version.Version)), $"{version} is not on disk."));
            Assert.All(listed, version => Assert.Equal(version.State == ModelState.Ready, version.Loaded is not null));
            Assert.All(listed.Where(version => _heldOut.Contains((version.Name, version.Version))), version => Assert.Equal(ModelState.Unloaded, version.State));
            foreach (var ready in listed.Where(version => version.State == ModelState.Ready))
                Assert.Equal(_files[(ready.Name, ready.Version)], ready.Loaded!.Passport.ScoreThreshold);
            foreach (var (lease, threshold) in _leases)
                Assert.Equal(threshold, lease.Model.Passport.ScoreThreshold);
            Assert.False(Directory.Exists(folder.File(".staging")) && _leases.Count == 0, "Something is left of an upload.");
        }

        public async Task EndAsync()
        {
            foreach (var (lease, _) in _leases)
                lease.Dispose();
            await ModelsFolder.UntilAsync(
                () => models.Versions.All(version => version.State is ModelState.Unloaded or ModelState.Ready) && models.MemoryBytes == models.Versions.Sum(version => version.MemoryBytes),
                () => $"only what is listed is in memory: {models.MemoryBytes} bytes, {string.Join(", ", models.Versions.Select(version => $"{version.Name} {version.Version} {version.State} {version.MemoryBytes} {version.Reason}"))}");
        }

        private Task<PutResult> PutAsync(Operation operation, bool broken)
            => models.PutAsync(
                operation.Name, operation.Version,
                (place, ct) =>
                {
                    ModelsFolder.Write(place, operation.Name, operation.Version, operation.Threshold);
                    return broken ? File.WriteAllBytesAsync(Path.Combine(place, "model.onnx"), [8, 8], ct) : Task.CompletedTask;
                },
                PutCondition.None, Ct);

        private async Task DeleteAsync(string name, int version) => await LeavingAsync(ct => models.DeleteAsync(name, version, PutCondition.None, ct));

        private async Task UnloadAsync(string name, int version) => await LeavingAsync(ct => models.UnloadAsync(name, version, ct));

        /// <summary>What leaves waits for leases, which this world holds itself: it is not waited for.</summary>
        private static async Task LeavingAsync(Func<CancellationToken, Task> leave)
        {
            using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var leaving = leave(impatience.Token);
            await Task.WhenAny(leaving, Task.Delay(20, Ct));
            await impatience.CancelAsync();
            await leaving.ContinueWith(
                task => task.Exception?.InnerException is InvalidInputException fault ? throw fault : true, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        private async Task UseAsync(string name, int? version, bool keep)
        {
            (string Name, int Version)[] able = [.. _files.Keys.Where(key => key.Item1 == name && (version is null || key.Item2 == version) && !_heldOut.Contains(key)).Order()];
            if (able.Length == 0)
            {
                await Assert.ThrowsAnyAsync<InvalidInputException>(async () => await models.AcquireAsync(name, version, Ct));
                return;
            }

            var lease = await models.AcquireAsync(name, version, Ct);
            Assert.Equal((name, true), (lease.Name, able.Contains((name, lease.Version))));
            Assert.Equal(_files[(name, lease.Version)], lease.Model.Passport.ScoreThreshold);
            if (keep)
                _leases.Add((lease, lease.Model.Passport.ScoreThreshold));
            else
                lease.Dispose();
        }

        private static async Task AgreesAsync(bool isThere, Func<Task> work)
        {
            if (isThere)
                await work();
            else
                await Assert.ThrowsAsync<UnknownModelException>(work);
        }

        /// <summary>Waits for the load that changed files began.</summary>
        private Task IdleAsync(string name, int version)
            => ModelsFolder.UntilAsync(
                () => models.Versions.Single(known => (known.Name, known.Version) == (name, version)) is var known
                    && known.State != ModelState.Loading && (known.Loaded is null || known.Loaded.Passport.ScoreThreshold == _files[(name, version)]),
                "the new files are taken over");
    }
}
