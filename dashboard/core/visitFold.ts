export { foldAct, foldVisit, type VisitRecord } from '../../visit/visitRecord.ts';
