"""Who runs beside whom: cores, accelerators and memory are shared by plan."""

import pytest

from llmlora.engine.jobs.capacity import MEMORY_SHARE, Capacity, Grant, Slots
from llmlora.kit.db import Database

from tests.fakes.work import GIB, HEAVY, LIGHT, capacity_of, claim, job_of, make_job

GATE = "deploy_llama_cpp"

pytestmark = pytest.mark.anyio


class TestCapacity:
    async def test_whole_machine_training_excludes_a_second_but_not_a_light_job(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        first, _second = await make_job(jobs, recipe=HEAVY), await make_job(jobs, recipe=HEAVY)
        light, _other = await make_job(jobs, recipe=LIGHT), await make_job(jobs, recipe=LIGHT)
        assert await self.taken(jobs, slots) == [first, light]
        assert slots.held[first] == Grant(cpus=4, lane="compute")

    async def test_numbered_cores_are_shared_out(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        wanted = [await make_job(jobs, recipe=HEAVY, cpus=cpus) for cpus in (3, 2, 1, 1)]
        assert await self.taken(jobs, slots) == [wanted[0], wanted[2]]
        assert [slots.held[job_id].cpus for job_id in (wanted[0], wanted[2])] == [3, 1]
        slots.give_back(wanted[0])
        assert await self.taken(jobs, slots) == [wanted[1], wanted[3]]

    async def test_training_of_all_cores_waits_for_an_idle_machine(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        small, whole = await make_job(jobs, recipe=HEAVY, cpus=1), await make_job(jobs, recipe=HEAVY)
        assert await self.taken(jobs, slots) == [small]
        slots.give_back(small)
        assert await self.taken(jobs, slots) == [whole]

    async def test_memory_bounds_what_runs_side_by_side(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, memory_bytes=10 * GIB))
        first = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=5 * GIB)
        await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=4 * GIB)
        third = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=3 * GIB)
        assert await self.taken(jobs, slots) == [first, third]
        assert slots.free().memory_bytes == int(10 * GIB * MEMORY_SHARE) - 8 * GIB

    async def test_job_of_more_memory_than_there_is_runs_alone(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, memory_bytes=GIB))
        big = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=9 * GIB)
        await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=1)
        assert await self.taken(jobs, slots) == [big]

    async def test_each_accelerator_gets_one_training_and_its_share_of_cores(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=2))
        wanted = [await make_job(jobs, recipe=HEAVY, wants_gpu=True) for _ in range(3)]
        assert await self.taken(jobs, slots) == wanted[:2]
        assert [(slots.held[j].gpus, slots.held[j].cpus) for j in wanted[:2]] == [
            (("GPU-0",), 4),
            (("GPU-1",), 4),
        ]
        slots.give_back(wanted[0])
        assert await self.taken(jobs, slots) == [wanted[2]]
        assert slots.held[wanted[2]].gpus == ("GPU-0",)

    @pytest.mark.parametrize(("machine", "taken"), [(capacity_of(8), 0), (capacity_of(8, gpus=1), 1)])
    async def test_job_that_insists_on_cuda_waits_for_an_accelerator(
        self, jobs: Database, machine: Capacity, taken: int
    ) -> None:
        await make_job(jobs, recipe=HEAVY, wants_gpu=True, device="cuda")
        assert len(await self.taken(jobs, Slots(machine))) == taken

    async def test_accelerator_is_optional_where_there_is_none(self, jobs: Database) -> None:
        job_id = await make_job(jobs, recipe=HEAVY, wants_gpu=True)
        slots = Slots(capacity_of(8))
        assert await self.taken(jobs, slots) == [job_id]
        assert slots.held[job_id] == Grant(cpus=8, lane="compute")

    async def test_gate_takes_a_gpu_that_nobody_holds_and_never_a_trainings(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=1))
        training = await make_job(jobs, recipe=HEAVY, wants_gpu=True)
        assert await self.taken(jobs, slots) == [training]
        gate = await make_job(jobs, recipe=GATE, wants_gpu=True, device="auto")
        assert await self.taken(jobs, slots) == [gate]
        assert slots.held[gate].gpus == ()
        assert slots.held[gate].resources(await job_of(jobs, gate)).device == "cpu"
        slots.give_back(gate)
        slots.give_back(training)
        alone = await make_job(jobs, recipe=GATE, wants_gpu=True, device="auto")
        assert await self.taken(jobs, slots) == [alone]
        assert slots.held[alone].gpus == ("GPU-0",)
        assert slots.held[alone].resources(await job_of(jobs, alone)).device == "auto"

    async def test_training_waits_for_a_gpu_that_a_gate_holds(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=1))
        gate = await make_job(jobs, recipe=GATE, wants_gpu=True)
        training = await make_job(jobs, recipe=HEAVY, wants_gpu=True)
        assert await self.taken(jobs, slots) == [gate]
        slots.give_back(gate)
        assert await self.taken(jobs, slots) == [training]

    async def test_gate_that_insists_on_cuda_waits_for_it(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=1))
        training = await make_job(jobs, recipe=HEAVY, wants_gpu=True)
        gate = await make_job(jobs, recipe=GATE, wants_gpu=True, device="cuda")
        assert await self.taken(jobs, slots) == [training]
        slots.give_back(training)
        assert await self.taken(jobs, slots) == [gate]

    async def test_gate_whose_memory_is_not_there_waits_for_the_training_to_end(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, memory_bytes=10 * GIB))
        training = await make_job(jobs, recipe=HEAVY, memory_bytes=6 * GIB)
        assert await self.taken(jobs, slots) == [training]
        gate = await make_job(jobs, recipe=GATE, memory_bytes=5 * GIB)
        assert await self.taken(jobs, slots) == []
        slots.give_back(training)
        assert await self.taken(jobs, slots) == [gate]

    async def test_export_is_given_no_gpu(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=2))
        export = await make_job(jobs, recipe=LIGHT)
        assert await self.taken(jobs, slots) == [export]
        assert slots.held[export].gpus == ()

    async def test_memory_of_a_device_is_not_the_machines(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=2, memory_bytes=10 * GIB))
        sizes = {"memory_bytes": GIB, "device_memory_bytes": 80 * GIB}
        wanted = [await make_job(jobs, recipe=HEAVY, wants_gpu=True, **sizes) for _ in range(2)]
        assert await self.taken(jobs, slots) == wanted
        assert slots.free().memory_bytes == int(10 * GIB * MEMORY_SHARE) - 2 * GIB
        assert slots.held[wanted[1]] == Grant(4, "compute", ("GPU-1",), GIB, 80 * GIB)

    async def test_number_of_threads_is_a_wish_and_the_grant_a_bound(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8))
        asked = await make_job(jobs, recipe=HEAVY, cpus=3)
        await self.taken(jobs, slots)
        told = slots.held[asked].resources(await job_of(jobs, asked))
        assert (told.threads, told.cores) == (3, 3)
        slots.give_back(asked)
        free = await make_job(jobs, recipe=HEAVY)
        await self.taken(jobs, slots)
        told = slots.held[free].resources(await job_of(jobs, free))
        assert (told.threads, told.cores) == (None, 8)

    async def taken(self, jobs: Database, slots: Slots) -> list[str]:
        """What a worker with these slots takes now."""
        taken = []
        while (job := await claim(jobs, slots=slots)) is not None:
            taken.append(job.id)
        return taken
