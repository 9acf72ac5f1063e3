using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Checkpoints;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Optimization;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Trains a detector.</summary>
public static class TrainingLoop
{
    /// <summary>Trains by a recipe, from the start or from the run folder's last checkpoint, and evaluates on the validation split on the way.</summary>
    /// <remarks>
    /// The order of images, their augmentation and the random numbers of a step are functions of the recipe's seed and the step alone. So a resumed run
    /// continues bit for bit, given the same machine and number of threads.
    /// </remarks>
    /// <param name="request">What to train, on what, and where to put it.</param>
    /// <param name="progress">Told after every few steps and after each evaluation.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Stops after the present step; the state is saved.</param>
    /// <exception cref="InvalidInputException">The recipe, the data or the folder cannot be used.</exception>
    /// <exception cref="TrainingDivergedException">A loss is not finite.</exception>
    public static async Task<TrainingResult> RunAsync(TrainingRequest request, IProgress<TrainingProgress>? progress, TimeProvider time, CancellationToken ct)
    {
        request.Validate();
        var training = await request.Data.ReadAsync(request.TrainSplit, request.Recipe.ToBatchOptions().Parts, ct: ct);
        var recipe = request.Recipe.Resolve(training.Categories.Count);
        var validation = await request.Data.ReadAsync(request.ValidationSplit, recipe.Detector.LearnsMasks ? AnnotationParts.Segmentations : AnnotationParts.Boxes, ct: ct);
        if (recipe.Detector.LearnsMasks)
            validation.RequireMasks($"{request.Data.Name}/{request.ValidationSplit}");
        var device = TrainingDevice.Choose(request.Device);
        if (request.Threads > 0)
            set_num_threads(request.Threads);

        using var loader = new BatchLoader(request.Data, training, recipe.ToBatchOptions(), request.Workers);
        using var state = TrainingState.Create(recipe, device);
        var run = RunFolder.Prepare(request.Out, recipe, Describe(request, training, validation, state, loader.StepsPerEpoch));
        using var claim = run.Claim();
        ImportReport? imported = null;
        if (File.Exists(run.CheckpointPath(CheckpointKind.Last)))
            state.Restore(run.CheckpointPath(CheckpointKind.Last));
        else if (recipe.InitialWeights is { } weights)
            imported = state.StartFrom(weights);
        run.Begin(new(time.GetUtcNow(), state.Step, request.Commit, device.ToString(), get_num_threads(), LibraryVersions.All), imported);

        var totalSteps = recipe.TotalSteps(loader.StepsPerEpoch);
        var evaluateEvery = (long)recipe.EvaluateEveryEpochs * loader.StepsPerEpoch;
        using var log = MetricsLog.Open(run.MetricsPath, state.Step);
        using var window = new LossWindow(device);
        var times = new StepTimes(time);
        var speed = new SpeedMeter(time, state.Step, totalSteps, recipe.BatchSize);
        var learningRate = 0.0;
        if (imported is not null)
            progress?.Report(new(state.Step, totalSteps, Epoch(), new Dictionary<string, double>(), learningRate, 0, TimeLeft: null, Notice: imported.Describe()));

        using var pause = CollectorPause.Begin();
        try
        {
            await using var batches = loader.ReadAsync(state.Step, ct).GetAsyncEnumerator(ct);
            while (true)
            {
                if (state.Step > state.EvaluatedStep && (state.Step % evaluateEvery == 0 || state.Step == totalSteps))
                {
                    speed.Pause();
                    var started = time.GetTimestamp();
                    if (recipe.ReestimateNorm > 0)
                        await BatchNormReestimation.RunAsync(state.Average, NextInputs(recipe.ReestimateNorm), ct);
                    var reports = ValidationPass.Run(state.Average, training.Categories, recipe.ToInputSpec(), recipe.ToOutputSpec(), request.Data, validation, device, ct);
                    // By boxes, also where there are masks: so runs with and without masks are chosen alike.
                    var ap = reports[0].Stats[0];
                    state.EvaluatedStep = state.Step;
                    if (state.BestAp is not { } best || ap > best)
                    {
                        (state.BestAp, state.BestStep) = (ap, state.Step);
                        state.SaveAverage(run.CheckpointPath(CheckpointKind.Best));
                    }

                    foreach (var report in reports)
                    {
                        log.Write(MetricsLog.Evaluation, state.Step, Epoch(), report.StatsNames.Zip(report.Stats, KeyValuePair.Create), report.Protocol);
                        log.Write(MetricsLog.Categories, state.Step, Epoch(), report.PerCategory.Where(category => category.Ap is not null).Select(category => KeyValuePair.Create(category.Name, category.Ap!.Value)), report.Protocol);
                    }

                    log.Write(MetricsLog.Samples, state.Step, Epoch(), state.Seen.Numbers);
                    log.Write(MetricsLog.Stages, state.Step, Epoch(), [new("evaluate", time.GetElapsedTime(started).TotalMilliseconds)]);
                    state.Save(run.CheckpointPath(CheckpointKind.Last));
                    RunPage.Write(run);
                    speed.Continue();
                    progress?.Report(new(state.Step, totalSteps, Epoch(), new Dictionary<string, double>(), learningRate, 0, speed.TimeLeft(state.Step), reports));
                }

                if (state.Step == totalSteps)
                    return new(TrainingOutcome.Finished, state.Step, state.BestAp, state.BestStep);
                ct.ThrowIfCancellationRequested();

                times.Start();
                if (!await batches.MoveNextAsync())
                    throw new InvalidOperationException("The loader ended, although it has no end.");
                using (var batch = batches.Current)
                using (NewDisposeScope())
                {
                    times.Mark(StepTimes.Data);
                    var input = ToInput(batch);
                    times.Mark(StepTimes.Transfer);
                    // For layers that draw random numbers, such as dropout, and for samplers: a resumed run draws the same.
                    manual_seed(input.Seed);
                    learningRate = recipe.LearningRateAt(state.Step, totalSteps);

                    state.Optimizer.ZeroGradients();
                    var losses = GradientAccumulation.Backward(state.Detector, input, recipe.Accumulate, times);
                    var norm = GradientStep.Apply(state.Optimizer, recipe.Optimizer);
                    window.Add(state.Step, learningRate, losses, norm);
                    state.Optimizer.Step(learningRate);
                    state.Averaging.Update(state.Step);
                    state.Seen = state.Seen.With(batch);
                    times.Mark(StepTimes.Optimizer);
                    times.End();
                }

                pause.Between();
                state.Step++;
                if (state.Step % request.LogEverySteps == 0 || state.Step == totalSteps)
                    Report();
                if (state.Step % request.CheckpointEverySteps == 0)
                {
                    window.Read();
                    state.Save(run.CheckpointPath(CheckpointKind.Last));
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Report();
            state.Save(run.CheckpointPath(CheckpointKind.Last));
            return new(TrainingOutcome.Interrupted, state.Step, state.BestAp, state.BestStep);
        }

        TrainingInput ToInput(TrainingBatch batch)
            => new(batch.Images.to(device), TrainingDevice.Move(batch.Targets, device), unchecked(recipe.Seed * 1_000_003 + batch.Step));

        // Those that come next, looked at without learning from them: so they are the same after a resume.
        async IAsyncEnumerable<TrainingInput> NextInputs(int count)
        {
            await foreach (var batch in loader.ReadAsync(state.Step, ct))
            {
                using var owned = batch;
                using (NewDisposeScope())
                    yield return ToInput(batch);
                pause.Between();
                if (batch.Step + 1 == state.Step + count)
                    yield break;
            }
        }

        double Epoch() => (double)state.Step / loader.StepsPerEpoch;

        void Report()
        {
            if (window.TakeMeans() is not { Count: > 0 } means)
                return;
            var imagesPerSecond = speed.Lap(state.Step);
            log.Write(MetricsLog.Steps, state.Step, Epoch(), [.. means, new("learningRate", learningRate), new("imagesPerSecond", imagesPerSecond)]);
            log.Write(MetricsLog.Stages, state.Step, Epoch(), times.TakeMeans(loader.Times.Take()));
            progress?.Report(new(state.Step, totalSteps, Epoch(), means, learningRate, imagesPerSecond, speed.TimeLeft(state.Step)));
        }
    }

    private static RunRecord Describe(TrainingRequest request, Dataset training, Dataset validation, TrainingState state, int stepsPerEpoch) => new()
    {
        Training = RunDataset.From(request.Data, request.TrainSplit, training),
        Validation = RunDataset.From(request.Data, request.ValidationSplit, validation),
        Categories = training.Categories,
        DataFolder = request.Data.Path,
        Parameters = state.Detector.parameters().Sum(parameter => parameter.numel()),
        StepsPerEpoch = stepsPerEpoch,
        Seed = request.Recipe.Seed,
    };
}
